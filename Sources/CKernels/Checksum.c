#include "Checksum.h"

#include <string.h>

#if defined(__x86_64__)
#define TARGET "sse4.2"
#define STEP_8(crc, word) __builtin_ia32_crc32di(crc, word)
#define STEP_1(crc, byte) __builtin_ia32_crc32qi((uint32_t)crc, byte)
static int is_there(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__)
#include <sys/auxv.h>
#define TARGET "crc"
#define STEP_8(crc, word) __builtin_arm_crc32cd((uint32_t)crc, word)
#define STEP_1(crc, byte) __builtin_arm_crc32cb((uint32_t)crc, byte)
static int is_there(void) { return (getauxval(AT_HWCAP) >> 7) & 1; } // HWCAP_CRC32
#endif

#ifdef TARGET
__attribute__((target(TARGET))) static uint32_t by_instruction(const uint8_t *bytes, long count) {
  uint64_t crc = 0xffffffff;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = STEP_8(crc, word);
  }
  for (; count > 0; bytes++, count--) crc = STEP_1(crc, *bytes);
  return (uint32_t)crc ^ 0xffffffff;
}

int nn_crc32c(const uint8_t *bytes, long count, uint32_t *crc) {
  if (!is_there()) return 0;
  *crc = by_instruction(bytes, count);
  return 1;
}
#else
int nn_crc32c(const uint8_t *bytes, long count, uint32_t *crc) { return 0; }
#endif
