/* What the API says (docs/api.md), as far as the pages read it. */

export interface Finding {
  severity: "error" | "warning";
  file: string;
  line: number;
  column: number;
  element: string;
  rule: string;
  text: string;
  accept: "" | "needed" | "given";
  title: string;
  remedy: string;
}

export interface Event {
  event: string;
  at: string;
  time: string;
  signer: string;
}

export interface Later { id?: string; waybill_id?: string; document_id?: string; message: number }

export interface Delivery {
  waybill_id: string;
  recipient: string;
  name: string;
  with_attachments: boolean;
  copy: boolean;
  center: string;
  state: string;
  flags: string[];
  since: string;
  reason: string;
  words?: string;
  waits_for: string;
  next_try?: string;
  events: Event[];
}

export interface Sent {
  id: string;
  reference: string;
  subject: string;
  sender: string;
  sender_name: string;
  created_at: string;
  state: string;
  held_until?: string;
  undo_s?: number;
  message: number;
  earlier: string;
  later?: Later[];
  superseded?: string;
  deliveries: Delivery[];
  findings: Finding[];
}

export interface LetterFile { name: string; length: number; sha256: string }

/* To whom a letter is assigned (分文); "" and 0 while it is at the registry desk. */
export interface Assigned { unit: string; unit_name: string; person: number; name: string }
export interface HistoryEntry extends Omit<Assigned, "person"> { at: string; act: string; by: string; for: string; person: number | string; note: string }

export interface Received {
  waybill_id: string;
  recipient: string;
  recipient_name: string;
  document_id: string;
  sender: string;
  sender_name: string;
  reference: string;
  subject: string;
  speed: "normal" | "fast" | "fastest";
  receive_number: string;
  received_at: string;
  state: string;
  reason: string;
  notice: string;
  words?: string;
  message: number;
  earlier: string;
  later: Later[];
  superseded: string;
  doubt?: string;
  package_length: number;
  assigned?: Assigned;
  history?: HistoryEntry[];
  files: LetterFile[];
  events: Event[];
}

export interface List<T> { documents: T[]; next: string }

/* How much there is, exactly, however much (GET /v1/overview). */
export interface Overview {
  unconfirmed: { hour: number; day: number; days: number; older: number };
  sent: Record<string, number>;
  trouble: number;
  review: number;
  received: { fastest: number; fast: number; normal: number };
  unreadable: number;
}

/* A delivery that has not ended well (GET /v1/deliveries). */
export interface OpenDelivery {
  document_id: string;
  reference: string;
  subject: string;
  recipient: string;
  name: string;
  copy: boolean;
  state: string;
  flags: string[];
  sent_at: string;
  since: string;
  reason: string;
  words?: string;
}
export interface OpenDeliveries { deliveries: OpenDelivery[]; next: string }

/* A letter of which a restored gateway has only receipts (GET /v1/lost). */
export interface LostLetter {
  direction: "sent" | "received";
  waybill_id: string;
  sender: string;
  sender_name: string;
  recipient: string;
  action: string;
  events: { recipient: string; name: string; event: string; time: string }[];
  decisions: { at: string; reviewer: string; logged_in: boolean; action: string; note: string }[];
}
export interface Lost { backup_at?: string; open: number; letters: LostLetter[] }

export interface Due {
  document_id: string;
  reference: string;
  subject: string;
  recipient: string;
  name: string;
  state: string;
  sent_at: string;
  since: string;
  reason: string;
  words?: string;
  reviews: { at: string; reviewer: string; action: string; note: string }[];
}

export interface Checked {
  accepted: boolean;
  document: CheckedDocument | null;
  findings: Finding[];
}

export interface Reader { name: string; with_attachments: boolean }

export interface CheckedDocument {
  kind: string;
  class: string;
  senders: { code: string; name: string }[];
  references: string[];
  issued: string;
  speed: string;
  subject: string;
  attachments: string[];
  rosters: { file: string; recipients: number }[];
  originals: Reader[];
  copies: Reader[];
}

export interface Health {
  host: string;
  kind: string;
  ready: boolean;
  checks: { name: string; state: "ok" | "warning" | "failed"; text: string; code?: string; title?: string; cause?: string; next?: string }[];
}
