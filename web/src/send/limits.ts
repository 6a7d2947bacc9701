/* What may be sent, told before anything goes up. */
import { computed, signal } from "@preact/signals";
import { get } from "../base/api";
import { files, recipients } from "./desk";
import { nameTrouble } from "./names";

/* Of this gateway (GET /v1/sending); 0 before it is known. */
const own = signal({ letter_bytes: 0, recipients: 0 });
void get<{ letter_bytes?: number; recipients?: number }>("/v1/sending").then((said) => {
  own.value = { letter_bytes: said.letter_bytes ?? 0, recipients: said.recipients ?? 0 };
}).catch(() => undefined);

export const mostRecipients = computed(() => own.value.recipients);
export const totalBytes = computed(() => files.value.reduce((sum, { data }) => sum + data.size, 0));

/* The smallest limit that counts, and whose it is; "" for this gateway's own. */
export const weakest = computed(() => {
  let bytes = own.value.letter_bytes;
  let name = "";
  for (const one of recipients.value)
    if (one.withAttachments && one.limit > 0 && (bytes === 0 || one.limit < bytes)) { bytes = one.limit; name = one.name; }
  return { bytes, name };
});

export const isTooLarge = computed(() => own.value.letter_bytes > 0 && totalBytes.value > own.value.letter_bytes);

export const badNames = computed(() => files.value.filter(({ name }) => nameTrouble(name) !== ""));
