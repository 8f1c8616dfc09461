"""classify.py LIBXPUQ.SO ARTIFACT FILE: the same as classify.c through ctypes; numpy arrays are bound without copies."""
import ctypes as c
import sys
import numpy as np

class Port(c.Structure):
    _fields_ = [("name", c.c_char_p), ("type", c.c_int), ("rank", c.c_uint32), ("shape", c.POINTER(c.c_int64)), ("bytes", c.c_size_t)]

def check(status):
    if status:
        sys.exit(xpuq.xpuq_last_error().decode())

xpuq = c.CDLL(sys.argv[1])
xpuq.xpuq_last_error.restype = c.c_char_p
for function in (xpuq.xpuq_input, xpuq.xpuq_output):
    function.restype, function.argtypes = c.POINTER(Port), [c.c_void_p, c.c_size_t]
for function in (xpuq.xpuq_bind_input, xpuq.xpuq_bind_output):
    function.argtypes = [c.c_void_p, c.c_size_t, c.c_void_p, c.c_size_t]

executor = c.c_void_p()
check(xpuq.xpuq_open(sys.argv[2].encode(), None, c.byref(executor)))
port_in, port_out = xpuq.xpuq_input(executor, 0).contents, xpuq.xpuq_output(executor, 0).contents
pixels = np.fromfile(sys.argv[3], np.float32).reshape(port_in.shape[: port_in.rank])
scores = np.empty(port_out.shape[: port_out.rank], np.float32)
check(xpuq.xpuq_bind_input(executor, 0, pixels.ctypes.data, pixels.nbytes))
check(xpuq.xpuq_bind_output(executor, 0, scores.ctypes.data, scores.nbytes))
check(xpuq.xpuq_run(executor))
print(f"{scores.argmax()} {scores.max():.4f}")
xpuq.xpuq_close(executor)
