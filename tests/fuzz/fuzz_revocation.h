/*
 * The authority and the card of the corpora of fuzz_ocsp.c and fuzz_crl.c.
 */
static const char authority_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBKDCB0KADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWF1dGhvcml0\n"
    "eTAeFw0yNjAxMDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCWF1\n"
    "dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIqd4z3Nb3ALXrJh3OfJ\n"
    "1zAFpkYi8dv+TWFVO0Ar66Q8uPTGJM+GAnmCg1oEmGUFIyDYULHB9s1//5ua8+pO\n"
    "cdSjEzARMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgblJCedVQ\n"
    "TEirlXgqyqwugEwq1mPDn4uEECZWlq8gcWQCIBusMi5hwdxdZZYjBit8AYmkQhWR\n"
    "1hf9CU1vND+TQEVC\n"
    "-----END CERTIFICATE-----\n";

static const char card_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBSzCB8qADAgECAgISNDAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlhdXRob3Jp\n"
    "dHkwHhcNMjYwMTAxMDAwMDAwWhcNMzYwMTAxMDAwMDAwWjAPMQ0wCwYDVQQDDARj\n"
    "YXJkMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPv0+oM2xO8HqBdvUltuTA6Kf\n"
    "/YsrOxp69SSlnyR9xVUqoiw1urZXI+zqgJ0OqztFa2oxFcKy7Co6TRl1iXavFqM5\n"
    "MDcwDAYDVR0TAQH/BAIwADAnBgNVHR8EIDAeMBygGqAYhhZodHRwOi8vMTkyLjAu\n"
    "Mi4xLzEuY3JsMAoGCCqGSM49BAMCA0gAMEUCIQC19VhLaCrYsLI+aGEMYghPfKDM\n"
    "woZ4BZBy3O1RUrg8QAIgR4eJzIrILDwfhNNOA+27MyfBzCGrIboJi39WJn1PEZw=\n"
    "-----END CERTIFICATE-----\n";

/* Of the card, in all of the corpus that holds. */
static const int64_t revoked_at = INT64_C(1793534400000);

static struct cert *authority, *card;

static void
read_certificates(void)
{
	struct error err = { 0 };

	if (authority == NULL &&
	    (cert_parse_pem(authority_pem, sizeof(authority_pem) - 1,
		 &authority, &err) < 0 ||
		cert_parse_pem(card_pem, sizeof(card_pem) - 1, &card, &err) <
		    0))
		abort();
}
