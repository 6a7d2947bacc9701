/* The certificate of a card: of it the host keeps no more than its digest. */
const pem = /-----BEGIN CERTIFICATE-----([\sA-Za-z0-9+/=]+)-----END CERTIFICATE-----/;

/* SHA-256 of the certificate in a file, PEM or DER, in hex; "" where there is none. */
export async function fingerprintOf(bytes: ArrayBuffer): Promise<string> {
  const found = pem.exec(new TextDecoder().decode(bytes));
  const der = found ? Uint8Array.from(atob(found[1]!.replace(/\s/g, "")), (one) => one.charCodeAt(0)) : new Uint8Array(bytes);
  // A SEQUENCE that is as long as it says: no proof, but no picture or text either.
  if (der.length < 128 || der[0] !== 0x30 || der[1] !== 0x82 || der[2]! * 256 + der[3]! + 4 !== der.length) return "";
  const digest = await crypto.subtle.digest("SHA-256", der);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
