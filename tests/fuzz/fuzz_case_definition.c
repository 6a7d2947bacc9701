/*
 * Any text as the definition of a case: what is taken keeps the engine inside
 * of it, whatever is tried.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "case/case_engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { STEPS = 64 };

static void
walk(const struct case_definition *definition)
{
	struct case_status status = { .is_begun = false };
	struct case_step step = { .kind = CASE_STEP_OPEN,
		.person = "a",
		.offices = ~0u,
		.is_signed = true,
		.has_code = true,
		.has_note = true };

	case_apply(definition, &status, &step);
	for (int i = 0; i < STEPS; i++) {
		struct error err = { 0 };

		step.kind = i % 3 == 0 ? CASE_STEP_ATTACH : CASE_STEP_MOVE;
		step.evidence = i % CASE_EVIDENCE_MAX;
		step.move = i * 7 % CASE_MOVES_MAX;
		step.person[0] = (char)('a' + i % 5);
		step.at_ms += INT64_C(86400000);
		if (case_judge(definition, &status, &step, &err) < 0)
			continue;
		case_apply(definition, &status, &step);
		if (status.state < 0 || status.state >= definition->state_count)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct case_definition definition;
	static struct case_findings findings;

	memset(&findings, 0, sizeof(findings));
	if (case_definition_read((const char *)data, len, &definition,
		&findings) == 0)
		walk(&definition);
	else if (findings.count == 0)
		abort();
	return 0;
}
