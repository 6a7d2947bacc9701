/* Shapes that stand before a word, never alone. */
const shapes = {
  ring: <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2" />,
  half: <><circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2" /><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" /></>,
  done: <><circle cx="8" cy="8" r="6.5" fill="currentColor" /><path d="m4.8 8.2 2.2 2.2 4.2-4.6" fill="none" stroke="#fff" stroke-width="1.7" /></>,
  warn: <><path d="M8 1.5 15 14H1z" fill="currentColor" /><path d="M8 6v4m0 1.3v1.4" stroke="#fff" stroke-width="1.6" /></>,
  bad: <><path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor" /><path d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4" stroke="#fff" stroke-width="1.6" /></>,
  back: <path d="M6.5 3 2 7.5 6.5 12M2.5 7.5h7a4 4 0 0 1 0 8H8" fill="none" stroke="currentColor" stroke-width="2" transform="translate(0 -1)" />,
  sheet: <path d="M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3" fill="none" stroke="currentColor" stroke-width="1.5" />,
} as const;

export type Shape = keyof typeof shapes;

export const Icon = ({ shape }: { shape: Shape }) =>
  <svg viewBox="0 0 16 16" aria-hidden="true">{shapes[shape]}</svg>;
