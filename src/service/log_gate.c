#include "service/log_gate.h"

bool
log_gate_pass(struct log_gate *gate, int64_t now_ms, uint64_t *ret_held)
{
	int64_t second = now_ms / 1000;

	if (gate->second != second) {
		gate->second = second;
		gate->lines = 0;
	}
	if (gate->lines == LOG_GATE_LINES) {
		gate->held++;
		return false;
	}
	gate->lines++;
	*ret_held = gate->held;
	gate->held = 0;
	return true;
}
