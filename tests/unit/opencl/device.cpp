#include "device.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#if __has_include(<CL/cl.h>)
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#define XPUQ_HAS_CL 1
#else
#define XPUQ_HAS_CL 0
#endif

namespace xpuq::test {

#if XPUQ_HAS_CL

namespace {

struct Api {
#define XPUQ_CL(name) decltype(&::name) name = nullptr;
#define XPUQ_CL_ALL                                                                                              \
  XPUQ_CL(clGetPlatformIDs)                                                                                      \
  XPUQ_CL(clGetDeviceIDs) XPUQ_CL(clCreateContext) XPUQ_CL(clCreateCommandQueue) XPUQ_CL(clCreateProgramWithSource) \
  XPUQ_CL(clBuildProgram) XPUQ_CL(clGetProgramBuildInfo) XPUQ_CL(clCreateKernel) XPUQ_CL(clCreateBuffer)         \
  XPUQ_CL(clSetKernelArg) XPUQ_CL(clEnqueueNDRangeKernel) XPUQ_CL(clEnqueueReadBuffer) XPUQ_CL(clFinish)         \
  XPUQ_CL(clReleaseMemObject) XPUQ_CL(clReleaseKernel) XPUQ_CL(clReleaseProgram)
  XPUQ_CL_ALL
#undef XPUQ_CL
  bool load() {
    void* library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return false;
    bool all = true;
#define XPUQ_CL(name) all = (name = reinterpret_cast<decltype(name)>(dlsym(library, #name))) != nullptr && all;
    XPUQ_CL_ALL
#undef XPUQ_CL
    return all;
  }
};

}  // namespace

struct Device::State {
  Api cl;
  cl_device_id device = nullptr;
  cl_context context = nullptr;
  cl_command_queue queue = nullptr;
  cl_program program = nullptr;
};

namespace {

/// PoCL ends the whole process where it cannot see the machine (a chroot without /sys), so a child asks first.
bool survives_asking() {
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    Api cl;
    cl_platform_id platforms[8];
    cl_device_id device = nullptr;
    cl_uint count = 0;
    if (cl.load() && cl.clGetPlatformIDs(8, platforms, &count) == CL_SUCCESS)
      for (cl_uint i = 0; i < count; ++i) cl.clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_CPU, 1, &device, nullptr);
    _exit(0);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status);
}

std::shared_ptr<Device::State> open_device(std::string& why) {
  if (!survives_asking()) return why = "the OpenCL driver gives up on this machine (is /sys mounted?)", nullptr;
  auto s = std::make_shared<Device::State>();
  if (!s->cl.load()) return why = "libOpenCL.so.1 cannot be opened", nullptr;
  cl_platform_id platforms[8];
  cl_uint count = 0;
  if (s->cl.clGetPlatformIDs(8, platforms, &count) != CL_SUCCESS) return why = "no OpenCL platform", nullptr;
  for (cl_uint i = 0; i < count && s->device == nullptr; ++i)
    s->cl.clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_CPU, 1, &s->device, nullptr);
  if (s->device == nullptr) return why = "no OpenCL CPU device", nullptr;
  cl_int error = 0;
  s->context = s->cl.clCreateContext(nullptr, 1, &s->device, nullptr, nullptr, &error);
  if (error != CL_SUCCESS) return why = "no OpenCL context", nullptr;
  s->queue = s->cl.clCreateCommandQueue(s->context, s->device, 0, &error);
  if (error != CL_SUCCESS) return why = "no OpenCL queue", nullptr;
  return s;
}

}  // namespace

Device* Device::get(std::string& why) {
  static std::string problem;
  static Device device = [] {
    Device d;
    d.state_ = open_device(problem);
    return d;
  }();
  why = problem;
  return device.state_ ? &device : nullptr;
}

std::string Device::build(const std::vector<const opencl::Kernel*>& kernels) {
  State& s = *state_;
  std::string source;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    // Every source is a whole translation unit; here many are one, so what is not a helper gets a number.
    const std::string number = std::to_string(i);
    const std::string own[] = {"xpuq_element", "xpuq_source", "xpuq_real", "xpuq_column", "xpuq_cascade"};
    for (const std::string& name : own) source += "#define " + name + " " + name + "_" + number + "\n";
    source += "#define " + kernels[i]->name + " kernel_" + number + "\n" + kernels[i]->source;
    for (const std::string& name : own) source += "#undef " + name + "\n";
    source += "#undef " + kernels[i]->name + "\n";
  }
  if (s.program != nullptr) s.cl.clReleaseProgram(s.program);
  const char* text = source.c_str();
  cl_int error = 0;
  s.program = s.cl.clCreateProgramWithSource(s.context, 1, &text, nullptr, &error);
  if (error == CL_SUCCESS && s.cl.clBuildProgram(s.program, 1, &s.device, opencl::kBuildOptions, nullptr, nullptr) == CL_SUCCESS)
    return {};
  std::string log(16384, '\0');
  std::size_t size = 0;
  s.cl.clGetProgramBuildInfo(s.program, s.device, CL_PROGRAM_BUILD_LOG, log.size(), log.data(), &size);
  return "build failed: " + log.substr(0, size) + "\n" + source;
}

std::string Device::run(std::size_t number, const opencl::Kernel& kernel, const Buffers& buffers) {
  State& s = *state_;
  cl_int error = 0;
  cl_kernel k = s.cl.clCreateKernel(s.program, ("kernel_" + std::to_string(number)).c_str(), &error);
  if (error != CL_SUCCESS) return "no kernel in the program";
  std::vector<cl_mem> memory;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    // Never empty, and with a margin that no kernel may touch.
    std::vector<std::byte> padded = *buffers[i];
    padded.resize(padded.size() + 64, std::byte{0xA5});
    memory.push_back(s.cl.clCreateBuffer(s.context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, padded.size(), padded.data(), &error));
    s.cl.clSetKernelArg(k, static_cast<cl_uint>(i), sizeof(cl_mem), &memory.back());
  }
  std::size_t global[3], local[3];
  for (int i = 0; i < 3; ++i) {
    local[i] = kernel.group_size[i];
    global[i] = local[i] * kernel.group_count[i];
  }
  error = s.cl.clEnqueueNDRangeKernel(s.queue, k, 3, nullptr, global, local, 0, nullptr, nullptr);
  std::string problem = error == CL_SUCCESS ? "" : "launch failed: " + std::to_string(error);
  s.cl.clFinish(s.queue);
  for (std::size_t i = 0; i < buffers.size() && problem.empty(); ++i) {
    std::vector<std::byte> back(buffers[i]->size() + 64);
    s.cl.clEnqueueReadBuffer(s.queue, memory[i], CL_TRUE, 0, back.size(), back.data(), 0, nullptr, nullptr);
    for (std::size_t b = buffers[i]->size(); b < back.size(); ++b)
      if (back[b] != std::byte{0xA5}) problem = "wrote behind argument " + std::to_string(i);
    back.resize(buffers[i]->size());
    const bool written = kernel.arguments[i].written;
    if (!written && back != *buffers[i]) problem = "wrote to argument " + std::to_string(i);
    *buffers[i] = std::move(back);
  }
  for (cl_mem m : memory) s.cl.clReleaseMemObject(m);
  s.cl.clReleaseKernel(k);
  return problem;
}

#else

struct Device::State {};
Device* Device::get(std::string& why) {
  why = "CL/cl.h was not there when this was compiled";
  return nullptr;
}
std::string Device::build(const std::vector<const opencl::Kernel*>&) { return {}; }
std::string Device::run(std::size_t, const opencl::Kernel&, const Buffers&) { return {}; }

#endif

}  // namespace xpuq::test
