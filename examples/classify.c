/* classify ARTIFACT FILE: reads the floats of the artifact's input from FILE (raw, binary32) and prints the class of the
 * highest score and that score. */
#include <stdio.h>
#include <stdlib.h>
#include <xpuq/xpuq.h>

static int fail(const char* what) {
  fprintf(stderr, "%s\n", what);
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 3) return fail("usage: classify ARTIFACT FILE");

  xpuq_options options = XPUQ_OPTIONS_INIT;
  options.device = "cpu";
  xpuq_executor* executor;
  if (xpuq_open(argv[1], &options, &executor) != XPUQ_OK) return fail(xpuq_last_error());
  const xpuq_port* input = xpuq_input(executor, 0);
  const xpuq_port* output = xpuq_output(executor, 0);
  if (input->type != XPUQ_F32 || output->type != XPUQ_F32) return fail("the model does not map floats to floats");

  float* pixels = malloc(input->bytes);
  float* scores = malloc(output->bytes);
  FILE* file = fopen(argv[2], "rb");
  if (!pixels || !scores || !file || fread(pixels, 1, input->bytes, file) != input->bytes) return fail("cannot read the input");
  fclose(file);

  if (xpuq_bind_input(executor, 0, pixels, input->bytes) != XPUQ_OK ||
      xpuq_bind_output(executor, 0, scores, output->bytes) != XPUQ_OK || xpuq_run(executor) != XPUQ_OK)
    return fail(xpuq_last_error());

  size_t best = 0;
  for (size_t i = 1; i < output->bytes / sizeof(float); ++i)
    if (scores[i] > scores[best]) best = i;
  printf("%zu %.4f\n", best, scores[best]);

  xpuq_close(executor);
  free(pixels);
  free(scores);
  return 0;
}
