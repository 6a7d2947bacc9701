/* Whether letters go there electronically: told before anything is sent. */
import { tOf } from "../base/words";
import type { Shape } from "./icons";
import { Chip, type Tone } from "./state";

const looks: Record<string, [Tone, Shape]> = { active: ["good", "done"], paper: ["", "sheet"], suspended: ["warn", "warn"], dissolved: ["bad", "bad"] };

export function Standing({ status }: { status: string }) {
  const [tone, shape] = looks[status] ?? ["", "ring"];
  return <Chip tone={tone} shape={shape} text={tOf("standing", status)} />;
}
