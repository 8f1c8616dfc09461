"""int8 engines that xpuq is measured beside. Each takes a network, quantizes it on
the given pictures by the engine's own recommended way, and answers calls.

A class has a constructor (stem, batches, threads, folder) that quantizes, load(), after
which it answers, and __call__(array): stem is the path of the network without
.onnx/.pt2, batches a list of f32 arrays NxCxHxW, folder one for intermediate files.
A package that is not installed raises ImportError.
"""


class OnnxRuntime:
    """quantize_static, QDQ, u8 activations, per-channel s8 weights."""

    def __init__(self, stem, batches, threads, folder):
        import onnxruntime as ort
        from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process

        ort.set_default_logger_severity(3)
        source, target = f"{folder}/ort.onnx", f"{folder}/ort.int8.onnx"
        try:
            quant_pre_process(f"{stem}.onnx", source)
        except Exception:  # its symbolic shape inference needs sympy and fails on some exports
            quant_pre_process(f"{stem}.onnx", source, skip_symbolic_shape=True)
        name = ort.InferenceSession(source, providers=["CPUExecutionProvider"]).get_inputs()[0].name

        class Reader(CalibrationDataReader):
            def __init__(self):
                self.left = iter(batches)

            def get_next(self):
                batch = next(self.left, None)
                return None if batch is None else {name: batch}

        quantize_static(
            source, target, Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
        )  # fmt: skip
        self.file, self.name, self.threads = target, name, threads

    def load(self):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = self.threads
        self.session = ort.InferenceSession(self.file, options, providers=["CPUExecutionProvider"])

    def __call__(self, batch):
        return self.session.run(None, {self.name: batch})[0]


class OpenVino:
    """NNCF post-training quantization, preset mixed; latency hint."""

    def __init__(self, stem, batches, threads, folder):
        import nncf
        import openvino as ov

        nncf.set_log_level(40)
        model = ov.Core().read_model(f"{stem}.onnx")
        kind = nncf.ModelType.TRANSFORMER if "vit" in str(stem) else None
        model = nncf.quantize(
            model, nncf.Dataset(batches), preset=nncf.QuantizationPreset.MIXED, subset_size=len(batches), model_type=kind
        )
        self.file, self.threads = f"{folder}/ov.xml", threads
        ov.save_model(model, self.file, compress_to_fp16=False)

    def load(self):
        import openvino as ov

        options = {"INFERENCE_NUM_THREADS": self.threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1}
        self.compiled = ov.compile_model(self.file, "CPU", options)

    def __call__(self, batch):
        return self.compiled(batch)[0]


class Inductor:
    """PT2E with the x86 quantizer, torch.compile with its weights frozen."""

    def __init__(self, stem, batches, threads, folder):
        import torch
        import torchao.quantization.pt2e as pt2e
        import torchao.quantization.pt2e.quantizer.x86_inductor_quantizer as x86
        from torch._inductor import config
        from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

        config.freezing = True
        torch.set_num_threads(threads)
        quantizer = x86.X86InductorQuantizer().set_global(x86.get_default_x86_inductor_quantization_config())
        model = prepare_pt2e(torch.export.load(f"{stem}.pt2").module(), quantizer)
        with torch.no_grad():
            for batch in batches:
                model(torch.from_numpy(batch))
            model = convert_pt2e(model)
            pt2e.move_exported_model_to_eval(model)
        self.torch, self.converted = torch, model

    def load(self):
        self.model = self.torch.compile(self.converted)

    def __call__(self, batch):
        with self.torch.no_grad():
            return self.model(self.torch.from_numpy(batch)).numpy()


ENGINES = {"ort": OnnxRuntime, "openvino": OpenVino, "inductor": Inductor}
