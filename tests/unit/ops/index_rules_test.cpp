// Type rules of the operations that pick, place and rank elements by index, and of codes.
#include "rules.h"

using namespace rules;

TEST_CASE("ops: gather_elements, gather_nd and scatter") {
  check({
      {OpKind::gather_elements, {{"axis", 1}}, {f32({3, 6}), s64({2, 9})}, "f32 2x9"},
      {OpKind::gather_elements, {{"axis", 0}}, {q8({3, 6}), s64({1, 6})}, "s8 1x6 *0.50+3"},
      {OpKind::gather_elements, {{"axis", 1}}, {f32({3, 6}), s64({4, 1})},
       "! gather_elements: indices 4x1 do not fit src 3x6 on axis 1"},
      {OpKind::gather_elements, {{"axis", 1}}, {f32({3, 6}), f32({3, 6})},
       "! gather_elements: indices are f32, expected s64 or s32"},
      {OpKind::gather_nd, {{"batch_dims", 0}}, {f32({2, 3, 4}), s64({5, 2})}, "f32 5x4"},
      {OpKind::gather_nd, {{"batch_dims", 1}}, {f32({2, 3, 4}), s64({2, 1})}, "f32 2x4"},
      {OpKind::gather_nd, {{"batch_dims", 1}}, {f32({2, 3, 4}), s64({3, 1})},
       "! gather_nd: src 2x3x4 and indices 3x1 differ in their first 1 axes"},
      {OpKind::gather_nd, {{"batch_dims", 0}}, {f32({2}), s64({5, 2})},
       "! gather_nd: positions have 2 entries, expected 1..1"},
      {OpKind::scatter_elements, {{"axis", 1}, {"reduction", "add"}}, {f32({3, 6}), s64({2, 9}), f32({2, 9})}, "f32 3x6"},
      {OpKind::scatter_elements, {{"axis", 1}, {"reduction", "add"}}, {f32({3, 6}), s64({2, 9}), f32({2, 8})},
       "! scatter_elements: updates are 2x8, indices 2x9"},
      {OpKind::scatter_elements, {{"axis", 1}, {"reduction", "sum"}}, {f32({3, 6}), s64({2, 9}), f32({2, 9})},
       "! scatter_elements: reduction is 'sum', expected 'none', 'add', 'mul', 'min' or 'max'"},
      {OpKind::scatter_nd, {{"reduction", "none"}}, {f32({2, 3, 4}), s64({5, 2}), f32({5, 4})}, "f32 2x3x4"},
      {OpKind::scatter_nd, {{"reduction", "none"}}, {f32({2, 3, 4}), s64({5, 2}), f32({5, 3})},
       "! scatter_nd: updates are 5x3, expected 5x4"},
  });
}

TEST_CASE("ops: topk, cumsum and grid_sample") {
  const Attributes sample{{"mode", "linear"}, {"padding", "zeros"}, {"align_corners", 0}};
  check({
      {OpKind::topk, {{"axis", 1}, {"k", 2}, {"largest", 1}}, {f32({3, 6})}, "s64 3x2"},
      {OpKind::topk, {{"axis", 1}, {"k", 7}, {"largest", 1}}, {f32({3, 6})}, "! topk: k is 7, expected 0..6"},
      {OpKind::cumsum, {{"axis", 0}, {"exclusive", 0}, {"reverse", 1}}, {s64({3})}, "s64 3"},
      {OpKind::cumsum, {{"axis", 1}, {"exclusive", 0}, {"reverse", 1}}, {s64({3})}, "! cumsum: axis 1 is not below rank 1"},
      {OpKind::grid_sample, sample, {f32({2, 3, 4, 5}), f32({2, 6, 7, 2})}, "f32 2x3x6x7"},
      {OpKind::grid_sample, sample, {f32({2, 3, 4, 5}), f32({2, 6, 7, 3})},
       "! grid_sample: grid is 2x6x7x3, expected 2 x h x w x 2"},
  });
}

TEST_CASE("ops: codes") {
  const Attributes parameters{{"scales", Floats{0.5}}, {"zero_points", Ints{3}}};
  check({
      {OpKind::to_codes, {{"to", "u8"}}, {q8({2})}, "u8 2"},
      {OpKind::to_codes, {{"to", "s32"}}, {q8({2})}, "! to_codes: to is 's32', expected 's8' or 'u8'"},
      {OpKind::to_codes, {{"to", "u8"}}, {type(DataType::s8, {2})}, "! to_codes: src is s8 2, which is not quantized"},
      {OpKind::from_codes, parameters, {type(DataType::u8, {2})}, "s8 2 *0.50+3"},
      {OpKind::from_codes, parameters, {q8({2})}, "! from_codes: src is quantized s8 2, expected s8 or u8 without scale"},
      {OpKind::from_codes, {{"scales", Floats{0.5}}, {"zero_points", Ints{200}}}, {type(DataType::u8, {2})},
       "! from_codes: zero point 200 is not in -128..127"},
  });
}
