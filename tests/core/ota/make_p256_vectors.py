#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes p256_vectors.h: signatures over P-256 that are easy to get wrong.

    /usr/bin/python3 tests/core/ota/make_p256_vectors.py

PUBLISHED are facts of the Wycheproof project's test vectors for ECDSA with
secp256r1 and SHA-256 (testvectors_v1/ecdsa_secp256r1_sha256_test.json, by its
numbers) and of RFC 6979, A.2.5. The others are made here after the kinds that
project tests: numbers out of range, intermediate values that are 0, 1 or -1,
points that meet in the last addition. Every verdict, published or ours, is
compared with that of the program openssl.
"""

import hashlib
import pathlib
import subprocess
import tempfile

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
DER = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")

STANDARD = (
    "042927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838"
    "c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e"
)
RFC6979 = (
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
)
# name, key, message, r, s, valid
PUBLISHED = [
    ("RFC 6979, sample", RFC6979, b"sample",
     0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
     0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8, True),
    ("RFC 6979, test", RFC6979, b"test",
     0xF1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367,
     0x019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083, True),
    ("315: special case hash", STANDARD, b"3136046189",
     0x9505E407657D6E8BC93DB5DA7AA6F5081F61980C1949F56B0F2F507DA5782A7A,
     0xC60D31904E3669738FFBECCAB6C3656C08E0ED5CB92B3CFA5E7F71784F9C5021, True),
    ("316: special case hash", STANDARD, b"2663784254",
     0xBBD16FBBB656B6D0D83E6A7787CD691B08735AED371732723E1C68A40404517D,
     0x9D8E35DBA96028B7787D91315BE675877D2D097BE5E8EE34560E3E7FD25C0F00, True),
    ("317: special case hash", STANDARD, b"1652100524",
     0x2EC9760122DB98FD06EA76848D35A6DA442D2CEEF7559A30CF57C61E92DF327E,
     0x7AB271DA90859479701FCCF86E462EE3393FB6814C27B760C4963625C0A19878, True),
    ("320: special case hash", STANDARD, b"1541103598",
     0x207A3241812D75D947419DC58EFB05E8003B33FC17EB50F9D15166A88479F107,
     0xCDEE749F2E492B213CE80B32D0574F62F1C5D70793CF55E382D5CAADF7592767, True),
    ("327: special case hash", STANDARD, b"5174448197",
     0xBEAD6734EBE44B810D3FB2EA00B1732945377338FEBFD439A8D74DFBD0F942FA,
     0x6BB18EAE36616A7D3CAD35919FD21A8AF4BBE7A10F73B3E036A46B103EF56E2A, True),
    ("336: special case hash", STANDARD, b"133871648",
     0xFFCDA40F792CE4D93E7E0F0E95E1A2147DDDD7F6487621C30A03D710B3300219,
     0x79938B55F8A17F7ED7BA9ADE8F2065A1FA77618F0B67ADD8D58C422C2453A49A, True),
    ("338: special case hash", STANDARD, b"10686655546",
     0xDFC8BF520445CBB8EE1596FB073EA283EA130251A6FDFFA5C3F5F2AAF75CA808,
     0x048E33EFCE147C9DD92823640E338E68BFD7D0DC7A4905B3A7AC711E577E90E7, True),
    ("350: x of k*G is above the order", "040ad99500288d466940031d72a9f5445a4d43784640855bf0a69874d2de5fe103"
     "c5011e6ef2c42dcd50d5d3d29f99ae6eba2c80c9244f4c5422f0979ff0c3ba5e", b"123400",
     0x4319055358E8617B0C46353D039CDAAB, N - 3, True),
    ("351: r above the order", "040ad99500288d466940031d72a9f5445a4d43784640855bf0a69874d2de5fe103"
     "c5011e6ef2c42dcd50d5d3d29f99ae6eba2c80c9244f4c5422f0979ff0c3ba5e", b"123400",
     P - 3, N - 3, False),
    ("352: r and s large", "04ab05fd9d0de26b9ce6f4819652d9fc69193d0aa398f0fba8013e09c582204554"
     "19235271228c786759095d12b75af0692dd4103f19f6a8c32f49435a1e9b8d45", b"123400", N - 2, N - 3, True),
    ("353: large Hamming weight", "0480984f39a1ff38a86a68aa4201b6be5dfbfecf876219710b07badf6fdd4c6c56"
     "11feb97390d9826e7a06dfb41871c940d74415ed3cac2089f1445019bb55ed95", b"123400",
     2**255 - 3, 0x909135BDB6799286170F5EAD2DE4F6511453FE50914F3DF2DE54A36383DF8DD4, True),
    ("354: large Hamming weight", "044201b4272944201c3294f5baa9a3232b6dd687495fcc19a70a95bc602b4f7c05"
     "95c37eba9ee8171c1bb5ac6feaf753bc36f463e3aef16629572c0c0a8fb0800e", b"123400",
     2**255 - 3, 0x27B4577CA009376F71303FD5DD227DCEF5DEB773AD5F5A84360644669CA249A5, True),
    ("355: small r and s", "04a71af64de5126a4a4e02b7922d66ce9415ce88a4c9d25514d91082c8725ac957"
     "5d47723c8fbe580bb369fec9c2665d8e30a435b9932645482e7c9f11e872296b", b"123400", 5, 1, True),
    ("356: small r and s", "046627cec4f0731ea23fc2931f90ebe5b7572f597d20df08fc2b31ee8ef16b1572"
     "6170ed77d8d0a14fc5c9c3c4c9be7f0d3ee18f709bb275eaf2073e258fe694a5", b"123400", 5, 3, True),
    ("357: small r and s", "045a7c8825e85691cce1f5e7544c54e73f14afc010cb731343262ca7ec5a77f5bf"
     "ef6edf62a4497c1bd7b147fb6c3d22af3c39bfce95f30e13a16d3d7b2812f813", b"123400", 5, 5, True),
    ("358: small r and s", "04cbe0c29132cd738364fedd603152990c048e5e2fff996d883fa6caca7978c737"
     "70af6a8ce44cb41224b2603606f4c04d188e80bff7cc31ad5189d4ab0d70e8c1", b"123400", 5, 6, True),
    ("359: small r and s", "042ef747671c97d9c7f9cb2f6a30d678c3d84757ba241ef7183d51a29f52d87c2e"
     "a8fb2ea635b761baefc1c4ded2099281b844e13e044c328553bbbafa337d8a76", b"123400", 6, 1, True),
    ("360: small r and s", "04931cc49cda4d87d25b1601c56c3b83b4f45e44971998f2d3e7d3c55152214edf"
     "058dc140abbba42fc1ddbf30dab8eb9b46ee7338b3f7ee96242bf45e1df5e995", b"123400", 6, 3, True),
    ("361: small r and s", "04899a4af61867e3f3c190dbb48f8bc9fc74b70a467a4a1f06477b3af2f39ab8ed"
     "47ac000f9ea8a3034939bf48ad5d061a69fc8495ae4df2dbec7effa03a0062b3", b"123400", 6, 6, True),
    ("362: small r and s", "04d03eb09913cc20c6a8d0070f0d8d2a7f63527fafa44117fce6bd1ef2aa4ae3c4"
     "6d5df3f45ac58fa334c6d102381b3120b7a2455600dcaff3d1a845514f12bf46", b"123400", 6, 7, True),
    ("363: r is larger than the order", "04d03eb09913cc20c6a8d0070f0d8d2a7f63527fafa44117fce6bd1ef2aa4ae3c4"
     "6d5df3f45ac58fa334c6d102381b3120b7a2455600dcaff3d1a845514f12bf46", b"123400", N + 6, 7, False),
    ("364: s is larger than the order", "043a72476291571193b4d109b2c37b59f2807e8fe9cffd804eacded903e77ca0da"
     "592dbc74fee0ca7508cc7bc282b0c51a143286ff53c60131668e7a0929e4ed04", b"123400",
     6, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC75FBD8, False),
    ("365: small r and 1/s", "04d0f73792203716afd4be4329faa48d269f15313ebbba379d7783c97bf3e890d9"
     "971f4a3206605bec21782bf5e275c714417e8f566549e6bc68690d2363c89cc1", b"123400",
     0x100, 0x8F1E3C7862C58B16BB76EDDBB76EDDBB516AF4F63F2D74D76E0D28C9BB75EA88, True),
]


# ---- the curve, slow and plain ----------------------------------------------


def inverse(value, modulus):
    return pow(value, -1, modulus)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * inverse(2 * a[1], P)
    else:
        slope = (b[1] - a[1]) * inverse(b[0] - a[0], P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(factor, point=G):
    total = None
    factor %= N
    while factor:
        if factor & 1:
            total = add(total, point)
        point = add(point, point)
        factor >>= 1
    return total


def text(point):
    return "04%064x%064x" % point


MESSAGE = b"123400"
E = int.from_bytes(hashlib.sha256(MESSAGE).digest(), "big") % N


def signed(name, k, s):
    """A right signature with this k and this s: the key follows from them."""
    r = times(k)[0] % N
    key = (s * k - E) * inverse(r, N) % N
    return (name, text(times(key)), MESSAGE, r, s, True)


def by_key(name, key, k):
    r = times(k)[0] % N
    s = (E + key * r) * inverse(k, N) % N
    return (name, text(times(key)), MESSAGE, r, s, True)


def made():
    k = 0x0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
    r = times(k)[0] % N
    yield signed("u1 is 1", k, E)
    yield signed("u1 is -1", k, N - E)
    yield signed("u2 is 1", k, r)
    yield signed("u2 is -1", k, N - r)
    yield signed("s is 1", k, 1)
    yield signed("s is -1", k, N - 1)
    yield signed("s is half the order", k, (N - 1) // 2)
    for small in (1, 2, 3, N - 1, N - 2):
        yield signed("k is %d" % (small if small < 9 else small - N), small, k)
    for key in (1, 2, 3, N - 1, N - 2):
        yield by_key("the key is %d" % (key if key < 9 else key - N), key, k)
    # Both points of the last addition are the same, or opposite.
    same = E * inverse(r, N) % N
    yield ("u1*G is u2*Q", text(times(same)), MESSAGE, r, 2 * E * inverse(k, N) % N, True)
    opposite = text(times(N - same))
    for s in (1, 2, k, N - 1):
        yield ("the sum is infinity, s %x" % (s % 65536), opposite, MESSAGE, r, s, False)
    for r_, s_ in ((a, b) for a in EDGES for b in EDGES):
        yield ("r and s at an edge", STANDARD, MESSAGE, r_, s_, False)
    name, key, message, r, s, _ = signed("", k, k)
    yield ("s in the other half", key, message, r, N - s, True)
    yield ("r in the other half", key, message, N - r, s, False)
    yield ("r and s exchanged", key, message, s, r, False)
    yield ("another message", key, b"123401", r, s, False)
    yield ("another key", STANDARD, message, r, s, False)
    yield ("the opposite key", key[:66] + "%064x" % (P - int(key[66:], 16)), message, r, s, False)
    yield ("a key beside the curve", key[:-1] + "%x" % (int(key[-1], 16) ^ 1), message, r, s, False)
    yield ("a key that is no point", "04" + "0" * 128, message, r, s, False)
    yield ("x of the key above the field", "04%064x%s" % (P, key[66:]), message, r, s, False)
    yield ("a compressed key", "03" + key[2:], message, r, s, False)
    yield ("a hybrid key", "07" + key[2:], message, r, s, False)


EDGES = (0, 1, 2, N - 1, N, N + 1, P, 2**256 - 1)


# ---- openssl's verdict ------------------------------------------------------


def integer(value):
    data = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return bytes((2, len(data))) + data


def openssl(folder, key, message, r, s):
    body = integer(r) + integer(s)
    (folder / "key").write_bytes(DER + bytes.fromhex(key))
    (folder / "sig").write_bytes(bytes((48, len(body))) + body)
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", folder / "key",
         "-signature", folder / "sig"],
        input=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    return done.returncode == 0


def main():
    vectors = PUBLISHED + list(made())
    with tempfile.TemporaryDirectory() as folder:
        for name, key, message, r, s, valid in vectors:
            hybrid = name == "a hybrid key"  # which openssl takes
            if not hybrid and openssl(pathlib.Path(folder), key, message, r, s) != valid:
                raise SystemExit("%s: openssl says otherwise" % name)
    lines = [
        "// SPDX-License-Identifier: MIT",
        "// Written by make_p256_vectors.py, which says where they come from.",
        "#ifndef TESTS_CORE_OTA_P256_VECTORS_H",
        "#define TESTS_CORE_OTA_P256_VECTORS_H",
        "",
        "#include <stdbool.h>",
        "",
        "// clang-format off",
        "static const struct {",
        "    const char *name;",
        "    const char *key, *digest, *rs; // hex",
        "    bool valid;",
        "} p256_vectors[] = {",
    ]
    for name, key, message, r, s, valid in vectors:
        lines.append('    {"%s",' % name)
        lines.append('     "%s"\n     "%s",' % (key[:66], key[66:]))
        lines.append('     "%s",' % hashlib.sha256(message).hexdigest())
        lines.append('     "%064x"\n     "%064x", %s},' % (r, s, str(valid).lower()))
    lines += ["};", "// clang-format on", "", "#endif", ""]
    pathlib.Path(__file__).with_name("p256_vectors.h").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
