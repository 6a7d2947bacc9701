#include "harness/crash_disk.h"

uint64_t
crash_random(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}
