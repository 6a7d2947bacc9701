// Logs in by the code of a one-time link (behind #, so no server or log sees
// it), or by the card that the browser shows.
"use strict";

async function logIn(body) {
  const said = document.getElementById("said");
  const answer = await fetch("/v1/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (answer.status === 201) {
    location.replace("/");
    return;
  }
  said.textContent = `${told.title}：${told.next}`;
}

const code = /^#code=([0-9a-f]+)$/.exec(location.hash);
if (code) {
  history.replaceState(null, "", location.pathname);
  logIn({ code: code[1] });
}
document.getElementById("card").addEventListener("click", () => logIn({}));
