/*
 * For development: the pages as they were just built, with the API of a running
 * gateway's control socket behind them.  On a loopback address alone.
 *
 * usage: node web/dev/proxy.mjs PAGES CONTROL.SOCK [ADDRESS:PORT]
 */
import { createServer } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";

const [pages, socket, where = "127.0.0.1:8080"] = process.argv.slice(2);
if (!pages || !socket) {
  console.error("usage: proxy.mjs PAGES CONTROL.SOCK [ADDRESS:PORT]");
  process.exit(64);
}
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };
/* As the host sends it (src/role/listener/listener_answer.c). */
const style = /'sha256-[^']+'/.exec(readFileSync(join(pages, "../src/render/html_sheet.c"), "utf8"))[0];
const policy = `default-src 'self'; style-src 'self' ${style}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'`;

function staticFile(path, answer) {
  const name = path.endsWith("/") ? `${path}index` : path;
  const file = normalize(extname(name) ? name : `${name}.html`);
  try {
    const data = readFileSync(join(pages, file));
    answer.writeHead(200, { "content-type": types[extname(file)], "content-security-policy": policy,
      "x-content-type-options": "nosniff", "cache-control": "no-cache" });
    answer.end(data);
  } catch {
    answer.writeHead(404, { "content-type": "text/plain" });
    answer.end("not found\n");
  }
}

let session;
function host() {
  if (!session || session.closed || session.destroyed) {
    session = connectHttp2("http://localhost", { createConnection: () => connect(socket) });
    session.on("error", () => { session = undefined; });
  }
  return session;
}

const dropped = new Set(["connection", "host", "keep-alive", "transfer-encoding", "upgrade"]);

function forward(request, answer) {
  const fields = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !dropped.has(name)));
  const stream = host().request({ ":method": request.method, ":path": request.url, ...fields },
    { endStream: request.method === "GET" || request.headers["content-length"] === "0" ||
      (!request.headers["content-length"] && !request.headers["transfer-encoding"]) });
  stream.on("response", (said) => {
    answer.writeHead(said[":status"], Object.fromEntries(Object.entries(said).filter(([name]) => !name.startsWith(":"))));
    stream.pipe(answer);
  });
  stream.on("error", () => { if (!answer.headersSent) answer.writeHead(502); answer.end(); });
  answer.on("close", () => stream.close());
  if (!stream.writableEnded) request.pipe(stream);
}

const [address, port] = where.split(":");
createServer((request, answer) => {
  const path = new URL(request.url, "http://x").pathname;
  if (path.startsWith("/v1/")) forward(request, answer); else staticFile(path, answer);
}).listen(Number(port), address, () => console.log(`http://${where}/`));
