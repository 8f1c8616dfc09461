// The pages of --help TOPIC: short forms of the reference, 80 columns.
#include "cli/help.h"
#include "cli/text_table.h"
#include "gpu/targets.h"
#include "ops/op.h"

namespace xpuq::cli {
namespace {

constexpr char kPreprocessing[] = R"(Preprocessing: from a picture to the model's input. xpuq-calibrate records it
in the profile, xpuq-compile embeds it, xpuq-run uses it and warns (W019) when
it is overridden. A value for one of several inputs is INPUT:VALUE.

  --preset auto         imagenet scaled to an Nx3xHxW input; says so (W012)
  --preset imagenet[:CROP[/RESIZE]]
                        short side 256, centre 224, RGB, imagenet mean and std;
                        imagenet:224/232 and imagenet:299/342 for newer weights
  --preset unit         stretched to the input, x/255
  --preset signed       the same with mean 0.5 and std 0.5
  --preset raw          0..255 as float
  --preset none         operands are tensors (.npy, .npz)

  --resize S|WxH        with --fit short|long|stretch|letterbox
  --crop S|WxH          centre crop; zero padding when larger than the picture
  --interp WORD         bilinear, bicubic, nearest: Pillow's, antialiased
  --resample-order WORD pillow13 (default) or horizontal (before Pillow 13)
  --mean LIST --std LIST --scale X
                        (x * scale - mean) / std; one value or one a channel;
                        scale is 1/255 by default, so means lie in 0..1
  --channels WORD       rgb, bgr, gray: order handed to the model
  --layout WORD         nchw, nhwc: memory order of the model's input
  --exif WORD           apply or ignore (default) the orientation tag
  --depth16 WORD        stop, high, clamp: what to do with 16-bit samples
  --pad-value N         of letterbox (114)

Results equal Pillow and torchvision, pixel for pixel.
)";

constexpr char kProfile[] = R"(Profile (.xcal): what xpuq-calibrate measured. JSON text with one value a line,
so that diff and version control work. It holds statistics, not scales:
activation scheme, excluded layers and range method are chosen by xpuq-compile.

  model           file name, format, SHA-256 of graph and of weights; both are
                  checked by xpuq-compile (--profile-check strict|graph|off)
  preprocessing   complete, per input
  data            count, batch, selection, list of files and its SHA-256
  values          per value: min, max, moving averages, histogram; with --sqnr
                  what quantizing it alone costs the model's output, in dB
  layers          with --sqnr: what int8 in each alone costs (--help accuracy)
  integrity       SHA-256 of all above; an edited file is accepted with W018

Editing min or max by hand sets the range of that value, whatever the method.

  xpuq-calibrate --show FILE [GLOB]        a line a value, with a sketch
  xpuq-calibrate --shard 1/4 ...           one part of a calibration
  xpuq-calibrate --merge -o ALL PART...    joins the parts
)";

constexpr char kRecipe[] = R"(Recipe file (--recipe FILE): the configuration of a PyTorch quantizer as JSON.
Every key but the schema may be left out; options on the command line come on
top of it.

  {"schema": "xpuq.recipe/1",
   "family": "xpu",                 xpu, or x86: max pool carries int8, too
   "global": "asymmetric",          asymmetric, symmetric or float
   "modules": [{"name": "layer4.1", "config": "float"}],
   "operators": [{"type": "linear", "config": "symmetric"}],
   "exclude": ["head*"], "exclude_types": [], "only": [],
   "quantize_matmul": false, "weight_granularity": "channel",
   "weight_scale_floor": "reference", "method": "minmax"}

  modules      set_module_name_qconfig: everything inside the module; one pass
               each, in the order of the file, before the operators
  operators    set_function_type_qconfig and set_module_type_qconfig: conv1d,
               conv2d, conv3d, conv_transpose, linear, matmul, mul, max_pool2d,
               avg_pool2d, adaptive_avg_pool2d, cat, flatten (torch.nn.Conv2d
               and the like are understood); before the global configuration
  A node that an earlier entry took is never taken again. conv3d, conv_transpose,
  and conv1d without a ReLU behind it are int8 only where an operator entry names
  them; conv_transpose then runs as conv2d and takes that one's configuration.

What names nothing in the model is an error (E207), what contradicts itself too
(E210); the report (--report FILE.json) holds the recipe in full.
)";

constexpr char kArtifact[] = R"(Artifact (.xpuq): what xpuq-compile writes and xpuq-run executes. One file:
magic, format major.minor, section table with sizes and CRC-32C, little endian,
weights 64-byte aligned so that they are mapped and not read. A program takes
its own major format and any lower minor; a newer one is E501 naming the version
needed.

  xpuq-run FILE --info             what is inside; opens no device
  xpuq-run FILE --info --verify    checks every section
  xpuq-run FILE --self-test        embedded inputs against stored outputs
  xpuq-run FILE --check-compat     whether it can run here

Same inputs, options and version give byte-identical artifacts. --strip leaves
out names and the origin of layers.
)";

std::string targets_page() {
  std::string out =
      "GPU targets of xpuq-compile --target LIST. No GPU is needed to compile for one;\n"
      "tools/setup-gpu.sh brings what is. The name of a family stands for its first\n"
      "part; gpu stands for all of them, any for the portable plan alone.\n\n";
  for (const gpu::Target& t : gpu::all_targets()) {
    std::string line = "  " + std::string(t.name);
    line.resize(18, ' ');
    line += std::string(t.family);
    line.resize(26, ' ');
    line += gpu::ip_version_text(t.key.ip_version);
    line.resize(36, ' ');
    line += gpu::shape_text(t.key);
    line.resize(46, ' ');
    out += line + std::string(t.product) + "\n";
  }
  return out +
         "\nxpuq-run takes the section for exactly its GPU (IP version, slices x sub-slices\n"
         "x execution units), else one of the same IP version in another shape and says\n"
         "so, never one of another IP version. --device emulated:PART runs a section on\n"
         "the CPU, instruction by instruction: the numbers are the card's, the speed is\n"
         "not. With --self-test every step is compared with the interpreter.\n";
}

constexpr char kReport[] = R"(Quantization report: xpuq-compile --report FILE. FILE.html is a page that needs
nothing else: the graph, a table to sort and filter, histograms against what
the codes express. FILE.json holds all that the page shows; .csv a line a layer;
anything else, and - for standard output, is text.

Every layer that is executed: index, operation, the nodes of your model that it
covers, shapes, share of the multiply-adds, types, scales and zero points,
observed against chosen ranges and the share that is clipped, signal to noise,
fused operations, and int8 or float. Float comes with a reason:

  not-quantizable-op     the recipe has no int8 form of the operation
  recipe                 the recipe keeps it in float
  excluded               --exclude, --exclude-type or --only
  min-sqnr               measured too noisy
  no-statistics          the profile has no range for one of its values
  unsupported-shape      no int8 kernel for this shape
  unsupported-on-target  the target has no int8 kernel
  dynamic-weight         the weight is not a constant
  shared-conflict        values that share one scale do not fit together

Signal-to-noise ratios in dB: wei, of the weights; src, of the model's output
with the layer's source alone quantized; own and out, of the layer's and of the
model's output with the layer alone in int8. The last three where the profile
was made with --sqnr; the ten lowest are listed.

Totals: int8 coverage by multiply-adds, layers and bytes of f32 weights; the
quantize and dequantize steps left and the bytes they move (the usual cause of
int8 slower than float).
)";

constexpr char kAccuracy[] = R"(When int8 costs too much accuracy. Everything here is off by default: the
default numbers are PyTorch's.

See it: xpuq-calibrate --sqnr measures, on a few samples, the signal-to-noise
ratio of the model's output when one value or layer alone is int8, and that of
the layer's own output. xpuq-calibrate --show and the report list them.

Without cost at run time, each an option by itself:
  --weight-scale-floor none   PyTorch never takes weight scales below 2^-12
  --method NAME               another rule for ranges, from the same profile;
                              auto takes for each value the one of histogram,
                              minmax, percentile, entropy with the least error
  --bias-correction           the mean error that rounded weights make goes into
                              the bias (Nagel et al. 2019, Data-Free
                              Quantization, 4.2; as Banner et al. 2019)
  --equalize                  cross-layer equalization (the same, 4.1): channels
                              of small range are scaled up, the weights around
                              them scaled back
  --round adaptive            weights are rounded up or down for the least error
                              of the layer's output (Nagel et al. 2020, AdaRound)
The last three work on pictures: --calibration DATA, at most 256 of those that
the profile was made from.

Layers back to float (or bf16, with --precision int8-bf16):
  --min-sqnr DB               layers whose own output is noisier
  --fallback-worst N          the N that cost the model's output most

All of it by search: --drop P or --min-output-sqnr DB with --validate DATA tries
the former in this order and keeps what brings 0.1 dB, then measures every layer
again and finds the fewest in float that meet the target. --max-evaluations N
bounds it; an interrupted one goes on with --resume; what was tried is printed.
Not met: the best artifact is written, exit 6. Use other pictures than those that
the accuracy is reported on.
)";

constexpr char kExitCodes[] = R"(Exit status of every command:

    0  done, and every requested target met
    1  failed while running: disk full, out of memory, undecodable input
    2  usage: unknown option, bad value, missing path, contradicting options
    3  model cannot be read, or has something that is not supported
    4  calibration: no usable image, profile of another model, bad ranges
    5  artifact unreadable, or not for this program or device
    6  a target was not met (the product is written all the same)
  130  interrupted by SIGINT; 143 by SIGTERM. A second signal ends at once

Errors are numbered by the same first digit: E1xx to E6xx. Warnings are Wxxx.
)";

constexpr char kEnvironment[] = R"(Environment; an option always wins:

  XPUQ_DEVICE       default of --device
  XPUQ_THREADS      default of --threads
  XPUQ_LOG          0..3, as -v
  XPUQ_PROGRESS     auto, bar, plain, none
  XPUQ_ENGINE_DIR   folder of libxpuq_engine_*.so
  XPUQ_CACHE_DIR    programs compiled for the GPU of this machine; safe to
                    delete ($XDG_CACHE_HOME/xpuq, else ~/.cache/xpuq)
  XPUQ_CACHE_SIZE   its bound (1GiB)
  XPUQ_GPU_DRIVER   folder of an unpacked Intel driver to compile with
  XPUQ_RECORD_DIR   folder of xpuq-record
  XPUQ_LEVEL_ZERO   another Level Zero loader than libze_loader.so.1
  NO_COLOR          no colour with --color auto
  TERM, COLUMNS     as usual; TERM=dumb means plain progress

OMP_NUM_THREADS, ONEDNN_VERBOSE and ZE_AFFINITY_MASK are left to their owners;
the last one changes what --list-devices shows.
)";

std::string operators_page() {
  std::string names;
  for (const OpSchema& op : all_ops()) names += (names.empty() ? "" : " ") + std::string(op.name);
  std::string out =
      "Operations that a model is made of once it is read. ONNX and PyTorch operators\n"
      "are translated to these; an operator that cannot be is E301 with all such nodes.\n"
      "xpuq-compile MODEL --stop-after import prints a model in these terms.\n\n";
  for (const std::string& line : wrap(names, 76)) out += "  " + line + "\n";
  return out;
}

}  // namespace

const std::vector<std::string>& help_topics() {
  static const std::vector<std::string> topics{"preprocessing", "operators", "profile", "recipe", "artifact",
                                               "targets",       "report",     "accuracy", "exit-codes", "environment"};
  return topics;
}

std::string help_topic(const std::string& topic) {
  if (topic == "preprocessing") return kPreprocessing;
  if (topic == "operators") return operators_page();
  if (topic == "profile") return kProfile;
  if (topic == "recipe") return kRecipe;
  if (topic == "artifact") return kArtifact;
  if (topic == "targets") return targets_page();
  if (topic == "report") return kReport;
  if (topic == "accuracy") return kAccuracy;
  if (topic == "exit-codes") return kExitCodes;
  if (topic == "environment") return kEnvironment;
  return {};
}

}  // namespace xpuq::cli
