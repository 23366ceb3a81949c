#pragma once
#include <stdint.h>

/// CRC-32C (Castagnoli) of some bytes by the processor's own instruction; 0 when it has none, and
/// then `crc` is not touched. Its plain twin in Swift is RunLog/MaskedCRC32C.swift.
int nn_crc32c(const uint8_t *bytes, long count, uint32_t *crc);
