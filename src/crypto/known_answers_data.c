#include "crypto/known_answers_internal.h"

/*
 * Keys that protect nothing: known to everybody, for known answers alone.  All
 * is base64.  Where the numbers are from stands in known_answers_internal.h.
 */

const char known_rsa_2048_key[] =
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCfv6mIJyZ2FpCk8DBW"
    "GSr78W9s7OlcW91q1QTEo8+xXkjNp04o+VZpBsF1eILtndbX4HRLyF63yl+MnzlqzPVv"
    "bOilW8BfYDyx/sZHe2ilMuoIMcfhfPO6RcMCOkwCni5SgUNtR6zq6k8SNWQdWg9nNSJH"
    "GgqDpQmUB+l5v+0g4vJyiCgbWLIIW9pMFmZA1g2JdaYDTnG+Me+JTk77v1VnRct+gecD"
    "5raGBdUak6yCRRqpOpc6A3OLM7KzFjSvfQ+dAaqj6xdnyutR0+bxVTQD09II0yp9QHv7"
    "uULdC8+3oUFKClsapmyK3VR2pJ2Vl2fFDQH5su7D8crBzwnbGbgfAgMBAAECggEAQFZm"
    "Nm4iGNw0rCEKLprbS3Xs3O87exWKgtzBG1soKjShWKZBndHxwcHVR3TeMknn/bCp1d2g"
    "fB/2xIFaFA/w50vzFKnzu9XcDAninGZw+lubkupNqJx04rf29p44/7LqUBM8bzY3R7NP"
    "XjN/myyq2HO3VvB/fI6K4YIgP4cTPzNU0bWwiknSTiBx4rVPynQk8SGs1wf5xaw0FM1l"
    "Ru6KyR09Je6obe4zmgJpinDPQyPw+lQFKyw7gkrvfJT2O4ltt2vwrIGG7zEntwL2VpNG"
    "PeWY+7Uc6nmJpHwwAMAud2MKsmxngNZnR1WnFSZHxLMbs3SnZPnc0mlhIt+oM7pEUQKB"
    "gQDSYJkpWJ2wuMFzhc2YpSLnQotxUHV38hnNxLdKDLo92YjCYxkhyadnFXwv4gqW8cEH"
    "2zt0JZ7KqTojR92fh9yE+q4omypule2zjYWRXd2LGAzSGpitlokY57K/0kLl+HqmsaTI"
    "RdSmAas6TQuC+Oi8ggl9I0QwmUWrpO7Sc6UacQKBgQDCZFdJNdgj1cMRt7+gIIcx2GES"
    "dY0+PJpQa4Y5hfUTrWpDCFpFksr/7Nv0lFQDpWfS8aPztngZfN0IZOhQyp35RF7dUlT/"
    "E1xMvUDLw0ITH4/SxiMCoomqM2EK2RXc3aJ4CIVeGHdIZzEUavJDQX+ZyxPTCNN4BB3t"
    "1GvqQ6qjjwKBgH3fZkSizNbr9HNWX4kxZQzRd/U4mtBFfsLrLG+V5ekTuwvzlxnsOckn"
    "xcIwkP13cHNu7Me1qqi/UBXD7gqBk6PNCV8qV90Kv8pqprwvWVrb7O/ZEfjq1OSd3QmA"
    "mJ5YaapLJ7jcbztUTEr5xiV7IGWJuHuzGh2p11G3wV0R7HtBAoGBAJKXtLNC5aHwe9CK"
    "rvmETi+qq1mOSFtcvEpVK72JZY3XQsEWNW0uC+P/rMe+a7TsMWWEUE1jlyIxZUYFQqRa"
    "h9MIWjmw8uQAp6Q/O/PtZZCiRoV+YbyE8ifl4xKZLsGGahT26AxTivCQ0RRCqjtJ034Z"
    "BPQqPb7N6/wEKvVY3f/FAoGBAKwX9dA2ntN4XS9+/mstLBOZZgfxfh0wFjsbEseSojZg"
    "xTfZdU2bMMy3m+tFtGs3RRTmIFy7HNPV/1sq+E3vOzv2Sl6Ywz7qTxb7nqN96sSxtubS"
    "+MOFD1W67QfPGf2Xn9PLiaHkw8ZPZYnZXa/sk2vgQ2HCor5nLoAAf0z0R+kh";

const char known_rsa_2048_signature[] =
    "D2nXJAmZ6MSryeJzYmTQ1z/siMaJuijKKB4ulq+Y2pW4RHXj9CCSR9TlaXybcbfpiQ6i"
    "m4idQhHPO0udLWSndLRGR5yA5rVoySCOgQazVcTwnSwc4puUGzx1kYbCACIQeTnp4x9Q"
    "uHb6YqTMHFPqhHNQnRRzm2fOgW0c+tlk+LbFOpczKR/OAhevGno1O7bmAMwHhKhQoslt"
    "cmaWdnv7lwR4YSg61TqzpGXY+ZUAVGOvpvuIs4h63OYAvsj6EUcft+07e1t38M1sQdZm"
    "h3ikyGg2z8iq1EZholrv478XevfxT2W8VB3eT143Oo4n7aPeZo8yEc4Y6bZ2H9g6FMro"
    "wQ==";

const char known_rsa_3072_key[] =
    "MIIG/QIBADANBgkqhkiG9w0BAQEFAASCBucwggbjAgEAAoIBgQDsrV3WQ+KVD0AaTPsp"
    "OfAgOjWuF3Z8f7T9U6FUBbH4HAbT1CPF/16HfnnQy3U7wnlfX9iWjkt5/NgpCy2nZgzg"
    "Sb3e9VjS6z346E6+b7LzbQVOLsvdpFa9js95bkPCUmAe5f9/mM22liWViLn3/5lBB/xk"
    "YF8jguBo7i1iEMC8yMnQ52IAfgyDlbhAyc/I2NZxzclmzPoJgYNWYnbu+d1jVAiLeFSQ"
    "b17kb4lXFf44ra5HnvWaBHspBtIH+K79arxzVk9MJrVsVC7jOSPrFOhWwhAwk6vD/ilC"
    "QbQ4qsHi14S6zPu+JHSjymKTKzd4aDIs140F9ShXHSix5Iof/jRvHi6L4iX6BUce9iRN"
    "jyCMlM/ODQB+txLCWsExBHAfFiSLn6Wq19ooqSbsC8l0N6L7nkJLqr/tIQOQBtY/sBh1"
    "AlR0B7mAqbFsyEKFxTFQlYu3ckLjvZLsxxMfIy5hY5kDM54kioY7TwxlADLBNjhSl5Tt"
    "HvejVud8zwWe0claMuUCAwEAAQKCAYACP31fXYNE450ktPEttVD9Lz2wpxw7crq/aQkG"
    "skwEu1yd+Rf6Obfw2mxVFKa1mBWIzyAqG6ggPJzsZa1mhFNGrxjkI2YkMx+1jL6oMZHp"
    "Nm5DSVPvjcll/vWKsnFer2NiPIxSMux4nescGoKj9BHe5UY0wLvINBU3WnaXuPG2pRAv"
    "7zHj9EYChZ2EKPRtTkOvTprDIp8/bcQ98Lm3kgEpVXIu3VlPm9O7GBguk0HiyNUABpW+"
    "+wrh1Lori8eYycWuN1w2uGyRA5k/JV0Y4TiBNa7Y/l0+kVsukjXr7Y/leIgGr2Xt78Ow"
    "KiNYPDYnUYCodiyDHrXtTC/ORu2V4tgaE9MUU0LQ3TVfWdk3hYoqnlAQoCec1Hhjx/ef"
    "e9gFWzGbXOGSxRkEICWUp8KV33EYLvWVFRzyF6EVEfSzt396mmr5ZozwH2PJ70dpBmYD"
    "54mLBPuIVrmVPHZNXr6wK5F22XZjWdVBFXSzGZPZkcSJZNHrnyTjkiQPeo4Qbuy7f4EC"
    "gcEA+hQNDslanJuZKfhwFuQ1tiJU3CUitLJaDe0nFIpofg27KGiEUAk6iyoXFxzxpEgc"
    "3wn8o9Q68DS9ThIZej+nt1CDJI9PyUU68BpeE+nt3pZ7KKoETmrvbv5oHI6lYGFdeSJL"
    "Lb8xZfSZJ0xx+uMAgWMT7xIFdlb+kpOUvUCE1JUjFIANLFKk8VCPzeaLTb5YeyOj9CrB"
    "IQSJIxGvWmAK5BD8zvaZ+f0zhq1G8J+AjC+0M4hU1J0gcmuaYjpNx2ZlAoHBAPJIFFL3"
    "q5SB9zUOnwPhty/NCRLb5m+a7aWNV4gfhERueeJbqN6NmcwYJs/B67zPugUSrDGQSHUf"
    "9w98p1o0ebWGFm7eAmWgsCBYo1QkJNSo+zdjXe/Ry4BXpq75zZ+rvQHoQiDPBdF2zRZf"
    "L97DNtyp60MGdB+Sct07sWVms8CMBNjcYgUJ2C5XyWd8c4//EMpE3ctdvq6CCAq7FoHh"
    "fvBikmn16MsuqgYmVZBNXGqm3NlPlI0lQNNzsZ8ChPKSgQKBwBleH1T4p/Bq+EaBpR0t"
    "WSV4phMO0U5zKR9whx5WS/M9gVbAA2v7A61KP71gekKn7gXSBYa46KGlN+7LdzonauP1"
    "jtgOkZFhLHFeu1xZxn9l1Ghzlqw9vLwNopIDBlOYjNrU17t0QZaOEVsjLgy9Kjf1zPfb"
    "ZCJ1AK3tupDYEqFd34kc1DlCyOiRu4SvdkIUpPUY0HDcRWsMAr1D9f288F3iO0LjUQtC"
    "3A81VJTkGS4fSLBRjAllRv1UXPzJ3Un04QKBwE3d+qI7tWpyZsgnndW6ioyTYjIseKAv"
    "8+b8SUCXmIQB2ax1dw2oBuEAdiDZm3FAdfHBcZQwYgk6r8XLc2Hbca50nOse8ThGb7TF"
    "qCCXyTqL4MmJZxx3mebyxMCByqNhp8pgIji3MJCElR92kkUPCqfa+KC/Bz1KbR5LXBVR"
    "772XgstL8TjbVB542mMnLWD/Qh8wCPSeeXVOl1UTkgVGOuz5UUM65InAwqZdVayeIHCq"
    "llpFaGIAshgDm/eV8LKhgQKBwQCejuFKYO71Iy0vKLyYh15IEZtt+CCivj8Kj2Py0ZDo"
    "vIPS97EfEoljkdCA4csi92haN9GZ+24HcaN1dr4JxmlqvXbS5S7LzM+FlVGgNYu1z6/0"
    "4buejadwLqRVXQy/gBk2aZfQttPOQxVvfiwthV/B4Qzgzg0+1kMGwJDWxfyUnC3Nlvk2"
    "2MZk5cA5lPj0LE4xmT3v1C0KQw+URte2FQzv4c9GB4dCBQsvwdZhfjilExetKzOl+CCI"
    "2+gbpra2gpY=";

const char known_rsa_3072_signature[] =
    "LpL6nJ9lWOmctjHmx+RGPF7UkNksjymrcvhJruCCHIVlV0VsN8XbQQ1kksJtbOMDK+uO"
    "S2A8k5CARST96Mva6cSsEZoftuuyN4V9NEfBRBQyG2lWC9vXJ98oBMZJcq0k0cbLV8Rt"
    "K2UwuzgcKPFNEKtGcIO7A5wH/9HlDM4bvjQvJ4Ir8nZEDzCOLz8uSnLt0xYq7v2CMxRN"
    "Gl0S2knkpzP7Eghg+wytBf4PYNGhRrpRNxQZlOdP19HL/BaCQ1AYY4WS3bU74DGp/ySP"
    "g3byED7yltvtKNexy3MlaGrxAfM8wZNaXiJ8+s3x/OD6Ek9FVWRba7TDc3w5SHwObOqf"
    "GmkYIYlUH+7Nr+3lJYyR6n0SK9LuU3WDbW2EpcdlaymBqWd/OP+B0ofCcYH1Uh8x2Ny0"
    "K2omSmD2Ql3qsLb/roqTgZ33+1Km8PG6xbPQhjiEG+IqEiYUKO6FJvPaWbQxNUqhfoeO"
    "mikdBIlbCwh0u9ycgsn8OVS6nMCyLiRI7Meo";

const char known_oaep[] =
    "iMD+EXniRXtnzQ+wAS/osdLMDPVFN4ulQtQ3s85vhQ+C2plN+I4ltqV4OjJKUDZUz6ag"
    "31jWbesMm/keaSNuMqFfLrYLkXvVYe51oPBoxfeMFhgsmKC2atUDZuIOFeCr69YV//hY"
    "GE+zJyb6CTey4fw8N8MP4V2JL5XknYehe/2m9ptkkq1pmxI97JgfqKVupGLErPqX1mQR"
    "emVhqVN9+KvYzG5hlPpnfcEelmsGSzXcxNzYuP9B1ad2WZiHoKhEs+7zYegTiWiJOS+7"
    "zSlrdVAqpiLqYx3HyMdatBp6cpU4q337PHgY8PfilVNqd2NRZLfV0NBjCYQqWHPUW8RE"
    "QQ==";

const char known_ecdsa_key[] =
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgya+p2EW6dRZrXCFXZ7HW"
    "k05Qw9s26JsSe4piKxIPZyGhRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth+mzmaWIu"
    "YPKftnkD/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ";

const char known_ecdsa_signature[] =
    "MEYCIQDv1IsqrLao/RFA3ZzUXoHWnSyHe1aq+ZHDTQ6oTq83FgIhAPfLHJQtZXxB1DbH"
    "obbin2Xz6QDbua/0Bk3Eqy+EOs2o";

const char known_ecdh_key[] =
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfX3F9x6yndr4DWIUYy7q"
    "4D2QWK8fttIu2AuttivBpTShRANCAATq0hhZARnoh2spFG/4nKYXcMTtu/l9OM44XtKB"
    "2KayMCivYSgf014vpwAlI6zIWkKcsG7mZIMlOJ9Z7fzhQFFB";

const char known_ecdh_peer[] =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEcAxI939WWExcxjLKZWQNuRtrrM46Tfa0"
    "LOfMg4gz0ofbceUJ4/2bBg3bILpcUdzFlI1G+/ZA3+BEF4LKuF+krA==";

const char known_ecdh_shared[] = "RvxiEGQg/wEuVKQ0+90tJczFhSBgVh5oBA3Xd4mXvXs=";

const char known_ecdh_derived[] =
    "lQlUL3uYD8ajMf2dps6Vi+ylV6KLdmN/QMLcQ8cevHw=";
