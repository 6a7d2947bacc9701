/*
 * The menu has what the person of the session may do.  What it showed last time
 * stands there at once; the host, not the menu, decides what is allowed.
 */
const key = "yizhan-roles";

function show(roles: readonly string[]): void {
  for (const item of document.querySelectorAll<HTMLElement>(".side [data-for]"))
    item.hidden = roles.length > 0 && !item.dataset.for!.split(" ").some((role) => roles.includes(role));
}

export function showMenu(roles?: readonly string[]): void {
  const known = sessionStorage.getItem(key);
  if (roles) {
    sessionStorage.setItem(key, roles.join(" "));
    show(roles);
  } else if (known !== null) show(known.split(" ").filter(Boolean));
}
