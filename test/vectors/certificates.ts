/**
 * Certificates, from the public test captures of other projects or made with OpenSSL 3.0 for this
 * table. The values are those that `openssl x509 -text -nameopt RFC2253`, `openssl asn1parse` and
 * sha1sum show, never those of our decoder.
 */
export interface CertificateVector {
  readonly name: string;
  readonly pem: string;
  /** CertificateFacts, but with the SHA-1 of subjectPublicKey in its place. */
  readonly value: Readonly<Record<string, unknown>>;
}

export const CERTIFICATES: readonly CertificateVector[] = [
  {
    name: 'a Windows 10 that made its own certificate (nDPI rdp_over_tls.pcap)',
    pem: `
-----BEGIN CERTIFICATE-----
MIIC1DCCAbygAwIBAgIQFX7boZ6cZbhM0jiYmcrPKTANBgkqhkiG9w0BAQsFADAT
MREwDwYDVQQDEwh0b3BzYWxvbjAeFw0yNDA3MjYwNjAzNDBaFw0yNTAxMjUwNjAz
NDBaMBMxETAPBgNVBAMTCHRvcHNhbG9uMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A
MIIBCgKCAQEAvdB0SBV98DxdhraiRMb9TxRM/JkoYwQxgiVdOLiS1krtBq1oh20d
/1Q0KM9GDXPIzXfQrbElo5lg44E96JG7oRGplNUZDBLpQtzeGseaxmbrHKeruSta
GYtNupzmd8autTsxqE9C3ze+CxlYD/4w/YsZE0OWCtljbZZJUiWhWLvHdc2Ol1Sv
EvOTDisRdIxtpJR46qJ7RkBsuV+5zPBiQB8kIDxfO8MGVI9faTRXu5h9E+A8fEdf
4myyF1i5lBqtIu++v1nbin9nCd20OVaWh1XSObZShZ9pZZcQHsyBm1u/zzp+WAwi
MtpR6TkpmHCAHOW3SnLPBVMfX02ZLtI3VQIDAQABoyQwIjATBgNVHSUEDDAKBggr
BgEFBQcDATALBgNVHQ8EBAMCBDAwDQYJKoZIhvcNAQELBQADggEBAEJLtiRra0Eu
yP3Wd0Pwx2S+0Zhh0KHBDgwuR6Huf21qNsRQgJV2XfyyeQX6CfxfpJ5fqXeRrwOk
qYRTePVoBkGwgfO+N0BMd2Pls0ThMBdCd+D26Q4LxC0dw5rajoPfrE0Ozm8Xzq1/
EroD0bCFLPalYOW6zDN0/p1vfs7aXh6/t+6r978hNw+Bw1umWxVlg1TIFzvxnawS
5iiZgFPw0FzU0gF5dT37in04RcbHUip/NyarzpZq4UzrbypKYYW4n6SYy63uo4Jn
eysKFCXVlpjI7msnAJFhSi5PHlRbeCSDpNHiP5wXnKxKP4YOt4lyi4Buv83JEFYr
mjcduxS5KpM=
-----END CERTIFICATE-----
`,
    value: {
      version: 3,
      serialNumber: '157edba19e9c65b84cd2389899cacf29',
      subject: 'CN=topsalon',
      issuer: 'CN=topsalon',
      commonName: 'topsalon',
      notBefore: '2024-07-26T06:03:40Z',
      notAfter: '2025-01-25T06:03:40Z',
      selfIssued: true,
      selfSigned: true,
      keyType: 'RSA',
      keyBits: 2048,
      curve: null,
      signatureAlgorithm: 'sha256WithRSAEncryption',
      subjectAltNames: [],
      keyUsages: ['keyEncipherment', 'dataEncipherment'],
      extendedKeyUsages: [{ oid: '1.3.6.1.5.5.7.3.1', name: 'serverAuth' }],
      basicConstraints: null,
      sha256: '42a4d07c445446011ed76880876fcfd1ba819c152b36f1cfec44ecbc12959347',
      sha1: 'a2ff789d71427a00979c96c2e7d1c1ada182cc2c',
      spkiSha256: 'bb7894b51b1a2357d86a5eba03e72f2b9a28dc37f536cf9e0cc955dff125a886',
      subjectPublicKeySha1: 'b12c767e79cdacc0c9a273252f67479384c2549b',
    },
  },
  {
    name: 'a Windows Server 2008 R2 that made its own certificate, SHA-1 (Zeek rdp-to-ssl.pcap)',
    pem: `
-----BEGIN CERTIFICATE-----
MIIC+jCCAeKgAwIBAgIQFu0qoElfJZ1PXZntraVw0TANBgkqhkiG9w0BAQUFADAm
MSQwIgYDVQQDExtXSU4ySzhSMi5hd2FrZWNvZGluZy5hdGguY3gwHhcNMTEwMjEy
MjEzNzM1WhcNMjEwMjEyMDAwMDAwWjAmMSQwIgYDVQQDExtXSU4ySzhSMi5hd2Fr
ZWNvZGluZy5hdGguY3gwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQD7
VcaE0O46Bt27voazP/qElNBH/k55TlduX4opgZv3svR7zRTTOBi9VKxiya0+yc3i
PSg43Y1AYgMll+BPFdM1GQFJj71nrh4j0BlzSsVMKahfiJzhGzPw37GXz0l1MrIc
7p2F2B7o0e711ETHhEJQa3MQcEwz21KH/Mnw1/D8uL7fnlVCIoCS6HZmXTMfNTxu
Tjq7XdjWqlnSPXvbBroQ/01uV12a27N3b/Xg4d9Owk/eZl+IvuQOcxo5oCA21gfR
J72uEYGqW3uZcVv9u/VfQUnaRR1X46IFMRx1tnPdBOd77cY6AL23g3NE8v07KuWN
tRlj4CqnFapC46PV3vGXAgMBAAGjJDAiMAsGA1UdDwQEAwIEMDATBgNVHSUEDDAK
BggrBgEFBQcDATANBgkqhkiG9w0BAQUFAAOCAQEAfEMMWrsMchjCuzggpor1mVtY
ikRRYO1AgiODgu1RfGm5ytw1jcnQeSHNvfNLP4BXyDUj/5Uq0gGotjBQZcRqVSbW
16QYNHaNnVxzmfS8P9/jHb0bfxx9sC9QtEg4SwroNYOq5TBRy8JhZYeuhXdH9dHM
7ImDhQ6L6yUvJfo1NVCfvTZyo/bu5rPomTbMiESFeC/c/bnda45A51hkI95Cnrr1
AI2lN1XmWTsPrZsCE/yOSa7pIrCcdo41TeEqFKB+Qp4Bmris0JKnx4WPQ9iM0TCK
pvQaBjSEI+GSiaU24Wl1V0M/7cB1dhkiWdHNKHXa9QI40lrDI3QsQMfx8a3fbA==
-----END CERTIFICATE-----
`,
    value: {
      version: 3,
      serialNumber: '16ed2aa0495f259d4f5d99edada570d1',
      subject: 'CN=WIN2K8R2.awakecoding.ath.cx',
      issuer: 'CN=WIN2K8R2.awakecoding.ath.cx',
      commonName: 'WIN2K8R2.awakecoding.ath.cx',
      notBefore: '2011-02-12T21:37:35Z',
      notAfter: '2021-02-12T00:00:00Z',
      selfIssued: true,
      selfSigned: true,
      keyType: 'RSA',
      keyBits: 2048,
      curve: null,
      signatureAlgorithm: 'sha1WithRSAEncryption',
      subjectAltNames: [],
      keyUsages: ['keyEncipherment', 'dataEncipherment'],
      extendedKeyUsages: [{ oid: '1.3.6.1.5.5.7.3.1', name: 'serverAuth' }],
      basicConstraints: null,
      sha256: 'a5b05d2ae076130aa41060f53ecd72bdf864ea0179250e927549c94d5ab2499a',
      sha1: '00abbc7a0dca04571cb2ab4bb0dc652775f9e20c',
      spkiSha256: '124cfe497c1434100ae363f8b1d31ab4b4d75d84614c346bf29cbf819956862a',
      subjectPublicKeySha1: '7b151f9f089116d8855f4c59b487fb140059f271',
    },
  },
  {
    name: 'the issuer in a Terminal Services chain: BMPString, several attributes in one part, 512 bits, a signature that does not fit (Zeek rdp-x509.pcap)',
    pem: `
-----BEGIN CERTIFICATE-----
MIIBWzCCAQmgAwIBAgIIWesoywKxoNQwCQYFKw4DAh0FADAsMSowEQYDVQQDHgoA
UwBFAFIAVgBSMBUGA1UEBx4OAFQAVQBSAE4AQgBLAEwwHhcNMTUwMjExMTQxNTA2
WhcNMTUwNTEyMDAwMDAwWjAsMSowEQYDVQQDHgoAUwBFAFIAVgBSMBUGA1UEBx4O
AFQAVQBSAE4AQgBLAEwwXDANBgkqhkiG9w0BAQEFAANLADBIAkEA0xR09p+YPVV3
V/ZoDXZcGWXxn4t9MaYFoqo7R+FLqdAaP84XgEAud4OPe7Xke+EsGO78w+J3/9nW
k2rWzpgJ/QIDAQABoxMwETAPBgNVHRMECDAGAQH/AgEAMAkGBSsOAwIdBQADQQCK
kmR0XRfVAD50yQOaEODB865W2O8PVSPNqIIJ9Wva0moYyqmyodEqeu5rV4WKOgeq
+xFsX7n+/3WSq6oC/qyc
-----END CERTIFICATE-----
`,
    value: {
      version: 3,
      serialNumber: '59eb28cb02b1a0d4',
      subject: 'CN=SERVR+L=TURNBKL',
      issuer: 'CN=SERVR+L=TURNBKL',
      commonName: 'SERVR',
      notBefore: '2015-02-11T14:15:06Z',
      notAfter: '2015-05-12T00:00:00Z',
      selfIssued: true,
      selfSigned: false,
      keyType: 'RSA',
      keyBits: 512,
      curve: null,
      signatureAlgorithm: 'sha1WithRSA',
      subjectAltNames: [],
      keyUsages: [],
      extendedKeyUsages: [],
      basicConstraints: { ca: true, pathLength: 0 },
      sha256: 'e3859c4a77098a7b84589e0cb1171662d15699fc84c19d3421f7d52dc0dc59c9',
      sha1: 'd54b6e4aaed2cf8235f3ba671ee77d31b2929014',
      spkiSha256: '4bf010338350040b37c50c441b2454efeb5fd24e877de3885004dd3a7e7e61c2',
      subjectPublicKeySha1: 'a858499cef02a225b5a95a5d6f9796d13c17889e',
    },
  },
  {
    name: 'the server in a Terminal Services chain, whose key OpenSSL cannot read (Zeek rdp-x509.pcap)',
    pem: `
-----BEGIN CERTIFICATE-----
MIIDYTCCAw+gAwIBAgIFAQAAAAEwCQYFKw4DAh0FADAsMSowEQYDVQQDHgoAUwBF
AFIAVgBSMBUGA1UEBx4OAFQAVQBSAE4AQgBLAEwwHhcNMTMwNDA1MTUxNTU1WhcN
MTYxMjMxMjM1OTU5WjCBjjGBizAhBgNVBAMeGgBuAGMAYQBsAHIAcABjADoAUwBF
AFIAVgBSMCEGA1UEBx4aAG4AYwBhAGwAcgBwAGMAOgBTAEUAUgBWAFIwQwYDVQQF
HjwAMQBCAGMASwBlAGYAWQBTAEYAOQA3AEUAdgBrAGEAaQBDAHEAYQBoAFAAWQA4
AHUAUABkADAAPQANAAowXDANBgkqhkiG9w0BAQQFAANLADBIAkEA8i1Omjbtj2hE
Se3jgPhts/wDYK1kTcTjpdIA6SR7ku+oZXYQ5/viJW9Gg3wz2GIMy7NmljsTxncr
YEKMsiGsxwIDAQABo4IBtzCCAbMwFAYJKwYBBAGCNxIEAQH/BAQBAAUAMDwGCSsG
AQQBgjcSAgEB/wQsTQBpAGMAcgBvAHMAbwBmAHQAIABDAG8AcgBwAG8AcgBhAHQA
aQBvAG4AAAAwgc0GCSsGAQQBgjcSBQEB/wSBvAAwAAABAAAAAgAAAAkEAAAcAEoA
ZgBKALAAAQAzAGQAMgA2ADcAOQA1ADQALQBlAGUAYwA3AC0AMQAxAGQAMQAtAGIA
OQA0AGUALQAwADAAZAAwADQAZgBhADMAMAA4ADAAZAAAADMAZAAyADYANwA5ADUA
NAAtAGQAZQBhADcALQAxADIAZAAxAC0AYgA5ADQAZQAtADAAMABjADAANABmAGEA
MwAwADgAMABkAAAAAAAAEACA1AAAAAAAMGgGCSsGAQQBgjcSBgEB/wRYADAAAAAA
DAA8AFMARQBSAFYAUgAAADYAOQA3ADEAMwAtADAAMQAyAC0ANAA3ADAAMQA3ADYA
MwAtADQANAA3ADUAMQAAAFQAVQBSAE4AQgBLAEwAAAAAADAjBgNVHSMBAf8EGTAX
oQ6kDFMARQBSAFYAUgAAAIIFAQAAAAEwCQYFKw4DAh0FAANBAKrRUxmzitr4hXc1
zIojrxDUwMJAfKYAkhY+TmXjgzHCI5XsvphYH2HZkkJ5+kg/cqpAZMAdNAFkke4j
fOJrzOM=
-----END CERTIFICATE-----
`,
    value: {
      version: 3,
      serialNumber: '0100000001',
      subject: 'CN=ncalrpc:SERVR+L=ncalrpc:SERVR+serialNumber=1BcKefYSF97EvkaiCqahPY8uPd0=\\0d\\0a',
      issuer: 'CN=SERVR+L=TURNBKL',
      commonName: 'ncalrpc:SERVR',
      notBefore: '2013-04-05T15:15:55Z',
      notAfter: '2016-12-31T23:59:59Z',
      selfIssued: false,
      selfSigned: false,
      keyType: 'RSA',
      keyBits: 512,
      curve: null,
      signatureAlgorithm: 'sha1WithRSA',
      subjectAltNames: [],
      keyUsages: [],
      extendedKeyUsages: [],
      basicConstraints: null,
      sha256: 'bd97671306086c3393a1bd835340a68043557a7ae131b8ee72f4d015287024ba',
      sha1: '6ca27390d0c4050c09710b37cd8080d6071fbb1a',
      spkiSha256: 'fd8bec9706856208dfe074344485290681460da870e91fc0f6b470e4bb5d1213',
      subjectPublicKeySha1: '71bbd1e0b470dce05ca152e5265db23252cc7835',
    },
  },
  {
    name: 'an EC certificate with every kind of alternative name and characters to escape',
    pem: `
-----BEGIN CERTIFICATE-----
MIICxjCCAmygAwIBAgIUVRqABo7DxIZEncGPEwENwZvy/ckwCgYIKoZIzj0EAwIw
WjEXMBUGCgmSJomT8ixkARkWB2V4YW1wbGUxFDASBgoJkiaJk/IsZAEZFgRjb3Jw
MRYwFAYDVQQLDA1UZXJtaW5hbHMsICMxMREwDwYDVQQDDAggc3J2OzAyIDAeFw0y
NjExMjEwMTQyMzlaFw0zNjExMTgwMTQyMzlaMFoxFzAVBgoJkiaJk/IsZAEZFgdl
eGFtcGxlMRQwEgYKCZImiZPyLGQBGRYEY29ycDEWMBQGA1UECwwNVGVybWluYWxz
LCAjMTERMA8GA1UEAwwIIHNydjswMiAwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATDjUSgSbAZrKNzdwozoRpuSZssurx4J0TfA0O2wKJo1k98CDwzzQrT7HJHjEZw
Cu1GYs94rB1r2nVch1IDiZwao4IBDjCCAQowgbAGA1UdEQSBqDCBpYISc3J2MDIu
Y29ycC5leGFtcGxlgg4qLmNvcnAuZXhhbXBsZYcEwAACCocQIAENuAAAAAAAAQAA
AAAAAYcQAAAAAAAAAAAAAAAAAAAAAYELYUBiLmV4YW1wbGWGEmh0dHBzOi8veC5l
eGFtcGxlL6AeBgorBgEEAYI3FAIDoBAMDnVAY29ycC5leGFtcGxliAMqAwSkDzAN
MQswCQYDVQQKDAJFeDAlBgNVHSUEHjAcBgorBgEEAYI3NgECBggrBgEFBQcDAQYE
KgMEBTAPBgNVHQ8BAf8EBQMDB4iAMB0GA1UdDgQWBBRKeIC5dwBQEZhwpnXwW1gK
HsIZ6DAKBggqhkjOPQQDAgNIADBFAiAszz4qZeNuWX8xvUERtK6GtQ6m/jr3U4pZ
noEnhcCQ1gIhAPf5wpEUaQlWplzGvpW07w5eILptCTai/vK/1kRlAra9
-----END CERTIFICATE-----
`,
    value: {
      version: 3,
      serialNumber: '551a80068ec3c486449dc18f13010dc19bf2fdc9',
      subject: 'CN=\\ srv\\;02\\ ,OU=Terminals\\, #1,DC=corp,DC=example',
      issuer: 'CN=\\ srv\\;02\\ ,OU=Terminals\\, #1,DC=corp,DC=example',
      commonName: ' srv;02 ',
      notBefore: '2026-11-21T01:42:39Z',
      notAfter: '2036-11-18T01:42:39Z',
      selfIssued: true,
      selfSigned: true,
      keyType: 'EC',
      keyBits: 256,
      curve: 'prime256v1',
      signatureAlgorithm: 'ecdsa-with-SHA256',
      subjectAltNames: [
        'DNS:srv02.corp.example',
        'DNS:*.corp.example',
        'IP:192.0.2.10',
        'IP:2001:db8::1:0:0:1',
        'IP:::1',
        'email:a@b.example',
        'URI:https://x.example/',
        'othername:1.3.6.1.4.1.311.20.2.3',
        'RID:1.2.3.4',
        'DirName:O=Ex',
      ],
      keyUsages: ['digitalSignature', 'keyAgreement', 'decipherOnly'],
      extendedKeyUsages: [
        { oid: '1.3.6.1.4.1.311.54.1.2', name: 'Remote Desktop Authentication' },
        { oid: '1.3.6.1.5.5.7.3.1', name: 'serverAuth' },
        { oid: '1.2.3.4.5', name: null },
      ],
      basicConstraints: null,
      sha256: 'bed0ccc2785fac1c4bc38441acae6ac9d900ec8536eba028e606791092dabf89',
      sha1: 'e6fcf25abe1270e4e86fefef9a2b5b89042ea9c4',
      spkiSha256: 'ea240a7ae2002ae32a1a249591e025763b65eccf489ab5b9213a77fd5bde5c58',
      subjectPublicKeySha1: '4a7880b9770050119870a675f05b580a1ec219e8',
    },
  },
  {
    name: 'an Ed25519 certificate of version 1 with a Cyrillic name',
    pem: `
-----BEGIN CERTIFICATE-----
MIHoMIGbAhRxw1lBKGJ5zbn00MT4XFhEYn75MDAFBgMrZXAwFzEVMBMGA1UEAwwM
0L/RgNC40LzQtdGAMB4XDTI2MTEyMTAxNDIzOVoXDTI3MTEyMTAxNDIzOVowFzEV
MBMGA1UEAwwM0L/RgNC40LzQtdGAMCowBQYDK2VwAyEAOdAqXnD7Lg5Ls16oSIi3
8NkVTqn19ckbARP7TtxzFEswBQYDK2VwA0EA9Dwbj38EEGcTlBY4gyuzfCFJrq51
5e6iYQ//rWk9mlT9BT4GAomP+vRa2/6Sd7kcJhOAn4oTlWZf3W/7ssd2AA==
-----END CERTIFICATE-----
`,
    value: {
      version: 1,
      serialNumber: '71c35941286279cdb9f4d0c4f85c5844627ef930',
      subject: 'CN=пример',
      issuer: 'CN=пример',
      commonName: 'пример',
      notBefore: '2026-11-21T01:42:39Z',
      notAfter: '2027-11-21T01:42:39Z',
      selfIssued: true,
      selfSigned: true,
      keyType: 'Ed25519',
      keyBits: 256,
      curve: null,
      signatureAlgorithm: 'ED25519',
      subjectAltNames: [],
      keyUsages: [],
      extendedKeyUsages: [],
      basicConstraints: null,
      sha256: '3cde6c126e3331d5c5bd8fd2fafa904832adfa2e62f1f33be0513c938a83b5a9',
      sha1: 'aeb809bcd0b4116904814c693e89b29b36991fc6',
      spkiSha256: '016531b7c18a2599f7da8a1d925b2ffe32664ea32204180b3495150a895c62d0',
      subjectPublicKeySha1: 'f669305490697913c091671ef58563363a405ccf',
    },
  },
  {
    name: 'an RSA-1024 certificate of version 1 with SHA-1, serial number 0 and an end after 2049',
    pem: `
-----BEGIN CERTIFICATE-----
MIIBkjCB/AIBADANBgkqhkiG9w0BAQUFADARMQ8wDQYDVQQDDAZPTERTUlYwIBcN
MjYxMTIxMDE0MjM5WhgPMjA4MTA4MjQwMTQyMzlaMBExDzANBgNVBAMMBk9MRFNS
VjCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAryqEyFXf85xuhirpBsLtwnLy
4QGwQezM3zif6m9vsfgttCJV7D+8I5fk8517NFUtOawXKO7SD95XLZWhkIqNDAPR
NupHlQPe/QiO/SN5+994DzHtB9hyRbX+YzrJFSgArcecpg8fSxu8eamS7W3erqsF
/GVmzdOfOdYBsDS1co8CAwEAATANBgkqhkiG9w0BAQUFAAOBgQB9p79eM1Z93nej
qqKApNwMtHGs6eiZ7py90605NoW69Sd3exBUUlMGNgv28Z7DU+jt4328X6ejDN0b
DRFSCJtFFNm3HEF4Xt6OkOg/OyJRHJa33uXC+MTdgK2/zAprNxsH6irrvkjLHxwo
dXmPycb6TYRmzsFILmCGspzzkPYhFw==
-----END CERTIFICATE-----
`,
    value: {
      version: 1,
      serialNumber: '00',
      subject: 'CN=OLDSRV',
      issuer: 'CN=OLDSRV',
      commonName: 'OLDSRV',
      notBefore: '2026-11-21T01:42:39Z',
      notAfter: '2081-08-24T01:42:39Z',
      selfIssued: true,
      selfSigned: true,
      keyType: 'RSA',
      keyBits: 1024,
      curve: null,
      signatureAlgorithm: 'sha1WithRSAEncryption',
      subjectAltNames: [],
      keyUsages: [],
      extendedKeyUsages: [],
      basicConstraints: null,
      sha256: '5ea16da84a0848878f2d1575fea2f086cd7a1a6e9821e91d9c2860114e3beee7',
      sha1: '27c088f5e75d11c02903c5b4bec6e2e001e05533',
      spkiSha256: '886f60ae5027cdc5594581d666c24a29fd58f63849c763d6cb3f68aaaf94fa8d',
      subjectPublicKeySha1: '4a2ad53909ebf990dd23d9cb8d9f48cf6417f1a3',
    },
  },
  {
    name: 'a certificate issued for Remote Desktop Authentication, with an empty subject',
    pem: `
-----BEGIN CERTIFICATE-----
MIICBjCCAYugAwIBAgIDAP8BMAoGCCqGSM49BAMDMC8xEDAOBgNVBAoMB0V4YW1w
bGUxGzAZBgNVBAMMEkV4YW1wbGUgSXNzdWluZyBDQTAeFw0yNjExMjEwMTQyMzla
Fw0yODEwMjEwMTQyMzlaMAAwgZswEAYHKoZIzj0CAQYFK4EEACMDgYYABABipMel
CEj22G769L4rwdrGBbKACQfga492rqNGOSyNIkp14S1FLw5Y037mL/Zlx0tJGZQX
NE+GgBHBh6geOnVkIwBzxgu8s78uJLOmKifHNc1/2f/o1Mh9sIuiFVESP43wvApd
XCse21ekCFi6bTSMHr89MxuzzGSfP8b3hsBU6Vqo6qOBgTB/MBUGA1UdJQQOMAwG
CisGAQQBgjc2AQIwGwYDVR0RAQH/BBEwD4INc3J2MDMuZXhhbXBsZTAJBgNVHRME
AjAAMB0GA1UdDgQWBBRq61pt6Ge3DKsX0yt07yT+1ZH9nTAfBgNVHSMEGDAWgBRG
AdSG/lhGaq6pTYQpVaki9Xu/kzAKBggqhkjOPQQDAwNpADBmAjEAkcz2fZY/ayA6
SKwYcEQ8Rny+fJq+MA05A6O3OeYBNObuiz/GT6P7qmdHdl7XIt42AjEAjw50W1wm
EISZzDEaPdD9wEM7tNWA8vQZ7z67UqYwRod0T7DE+aerzQILDeKrRjrw
-----END CERTIFICATE-----
`,
    value: {
      version: 3,
      serialNumber: 'ff01',
      subject: '',
      issuer: 'CN=Example Issuing CA,O=Example',
      commonName: null,
      notBefore: '2026-11-21T01:42:39Z',
      notAfter: '2028-10-21T01:42:39Z',
      selfIssued: false,
      selfSigned: false,
      keyType: 'EC',
      keyBits: 521,
      curve: 'secp521r1',
      signatureAlgorithm: 'ecdsa-with-SHA384',
      subjectAltNames: ['DNS:srv03.example'],
      keyUsages: [],
      extendedKeyUsages: [{ oid: '1.3.6.1.4.1.311.54.1.2', name: 'Remote Desktop Authentication' }],
      basicConstraints: { ca: false, pathLength: null },
      sha256: '26e7acc86f327cbaf8331b30d68c043406e10f39213e0d44eda90e9f7fdddb61',
      sha1: '5a03b90c6aa31998e51187dc54f19b85461d63b1',
      spkiSha256: 'b1267106e77dcbb160a59b368f74d46626b3e4502a9ba3edc0d4d6609093286e',
      subjectPublicKeySha1: '6aeb5a6de867b70cab17d32b74ef24fed591fd9d',
    },
  },
  {
    name: 'the certificate of its issuer, with path length',
    pem: `
-----BEGIN CERTIFICATE-----
MIIB4DCCAWWgAwIBAgIUPs0Gd8t1VLFLjQG+nHFviDAeYccwCgYIKoZIzj0EAwMw
LzEQMA4GA1UECgwHRXhhbXBsZTEbMBkGA1UEAwwSRXhhbXBsZSBJc3N1aW5nIENB
MB4XDTI2MTEyMTAxNDIzOVoXDTM2MTExODAxNDIzOVowLzEQMA4GA1UECgwHRXhh
bXBsZTEbMBkGA1UEAwwSRXhhbXBsZSBJc3N1aW5nIENBMHYwEAYHKoZIzj0CAQYF
K4EEACIDYgAEtkbOcxmAI3Sp8Df+sV/H8nVt8V4vKj67f/33QzqpLOrw+SOkGLy9
JrNF2lPmZWy+ktE1XAXPVI9jopDfw1LldyS5mB8jYCyTf+DnTOeqOY2Qlt6cKQb1
VtIPCyABaXBWo0IwQDASBgNVHRMBAf8ECDAGAQH/AgEAMAsGA1UdDwQEAwIBBjAd
BgNVHQ4EFgQURgHUhv5YRmquqU2EKVWpIvV7v5MwCgYIKoZIzj0EAwMDaQAwZgIx
AOZqmHGpMhC9+OyTCLMZt2fS8GUrUMbnOZ7fbPyLsbCigLy1CSgSM2IpOSqzP6h+
yAIxAI3+R4o083M104fQlQAqD5t0+wRsTyksBJ1c5iFg5t02Ow2KbRzCGF5eE9Fh
9jIicQ==
-----END CERTIFICATE-----
`,
    value: {
      version: 3,
      serialNumber: '3ecd0677cb7554b14b8d01be9c716f88301e61c7',
      subject: 'CN=Example Issuing CA,O=Example',
      issuer: 'CN=Example Issuing CA,O=Example',
      commonName: 'Example Issuing CA',
      notBefore: '2026-11-21T01:42:39Z',
      notAfter: '2036-11-18T01:42:39Z',
      selfIssued: true,
      selfSigned: true,
      keyType: 'EC',
      keyBits: 384,
      curve: 'secp384r1',
      signatureAlgorithm: 'ecdsa-with-SHA384',
      subjectAltNames: [],
      keyUsages: ['keyCertSign', 'cRLSign'],
      extendedKeyUsages: [],
      basicConstraints: { ca: true, pathLength: 0 },
      sha256: 'aff8ab9c19b13f4401bf36812f8a24ccd4aec6d2e119b962b1b271fc910df859',
      sha1: 'eddaa50f2f116df35d41c1bc5e14456450f1eb3b',
      spkiSha256: '83b8195ff8482de1803e425fd62ce4419379a0e9f95e79707c617be03ba3e379',
      subjectPublicKeySha1: '4601d486fe58466aaea94d842955a922f57bbf93',
    },
  },
  {
    name: 'an MD5 certificate',
    pem: `
-----BEGIN CERTIFICATE-----
MIIBHjCByQIUWagFBYGNPzTCcWww3V0T0wM/bvcwDQYJKoZIhvcNAQEEBQAwETEP
MA0GA1UEAwwGTUQ1U1JWMB4XDTI2MTEyMTAxNDIzOVoXDTI2MTIyMTAxNDIzOVow
ETEPMA0GA1UEAwwGTUQ1U1JWMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK+MdoCW
5mAdCxByv89Wjv4ZzLisR6HAqC/l8Fdxgq/Xs/XS1vVz42xE3j3CrsGpP5X4gmTX
2O0d9DMwQXx2q3cCAwEAATANBgkqhkiG9w0BAQQFAANBADQRRFb1P8KKIwaBKhhF
N7Tkul+jT2SML4nBD8sxao/LngyWBxVRjQltA+o1p2GBtnFlBzllpnly8+5GGT83
PQw=
-----END CERTIFICATE-----
`,
    value: {
      version: 1,
      serialNumber: '59a80505818d3f34c2716c30dd5d13d3033f6ef7',
      subject: 'CN=MD5SRV',
      issuer: 'CN=MD5SRV',
      commonName: 'MD5SRV',
      notBefore: '2026-11-21T01:42:39Z',
      notAfter: '2026-12-21T01:42:39Z',
      selfIssued: true,
      selfSigned: true,
      keyType: 'RSA',
      keyBits: 512,
      curve: null,
      signatureAlgorithm: 'md5WithRSAEncryption',
      subjectAltNames: [],
      keyUsages: [],
      extendedKeyUsages: [],
      basicConstraints: null,
      sha256: '55b51ad00ad3b1ae915492bab4ace148d666474738967e90d9573fba2d928f09',
      sha1: 'bc02eadc130783b76412a77930110054dea2575d',
      spkiSha256: '76389d2fe7429b79e534e6019f52d115982b799cad7fabf91fac354df1d7b7d0',
      subjectPublicKeySha1: 'dda7d7eddc3d400efdeebe290fd50a22f7111551',
    },
  },
  {
    name: 'a certificate with an RSA-PSS key',
    pem: `
-----BEGIN CERTIFICATE-----
MIICBDCCATkCFFqN7jSYsXIVduouRaHodaQiwnMfMEEGCSqGSIb3DQEBCjA0oA8w
DQYJYIZIAWUDBAIBBQChHDAaBgkqhkiG9w0BAQgwDQYJYIZIAWUDBAIBBQCiAwIB
XjAOMQwwCgYDVQQDDANQU1MwHhcNMjYxMTIxMDE0MjM5WhcNMjYxMjIxMDE0MjM5
WjAOMQwwCgYDVQQDDANQU1MwgZ0wCwYJKoZIhvcNAQEKA4GNADCBiQKBgQDwUdgH
r6nNXERUQZeEIL67vLd+WHn6HRK+KP0t97BzsCx+DTmcK4SZ9v2Ypp97aJU1eqwx
YvTyycxlxYhU5yB9EuCmTcgIdyvHTXRdXmzNnjjBc9k24K5veILabr2DfJ08BCdx
18FjsDY5bnJIjxx5ZR6qwOpp3rtDwEJpBbRSZwIDAQABMEEGCSqGSIb3DQEBCjA0
oA8wDQYJYIZIAWUDBAIBBQChHDAaBgkqhkiG9w0BAQgwDQYJYIZIAWUDBAIBBQCi
AwIBXgOBgQCapNxnYpn/zphTaxmmZgQj2A5kVvmMzfZkSscPnZOvhdoD+WN7/edH
Xvay+5jJDEJpGQzvCSVhgdeJnoa3YTDaeKpiL6DbZ02nzvpZmmxLF/DyFC4jMQ/p
hQwfKV2bh1xU95Lw0gmchPj2nTdDPaVdWqfR1ROIP3zR84XtpZRwXw==
-----END CERTIFICATE-----
`,
    value: {
      version: 1,
      serialNumber: '5a8dee3498b1721576ea2e45a1e875a422c2731f',
      subject: 'CN=PSS',
      issuer: 'CN=PSS',
      commonName: 'PSS',
      notBefore: '2026-11-21T01:42:39Z',
      notAfter: '2026-12-21T01:42:39Z',
      selfIssued: true,
      selfSigned: true,
      keyType: 'RSA-PSS',
      keyBits: 1024,
      curve: null,
      signatureAlgorithm: 'rsassaPss',
      subjectAltNames: [],
      keyUsages: [],
      extendedKeyUsages: [],
      basicConstraints: null,
      sha256: '3a6bee2e94ff2ad54fd89892bbb05da6317c364ab1986a23cf09753da2c9f754',
      sha1: '82519fcb5e3e25ac1b6ebfa8acc8d911cacac0df',
      spkiSha256: '5d2632c93f6c49fd4ed32d797fc26221edad3452080fc17498eec9cb1b2afca7',
      subjectPublicKeySha1: '1022b9ce8bc8c369764ba3f82e0d87d2eff2c347',
    },
  },
  {
    name: 'a certificate with a DSA key',
    pem: `
-----BEGIN CERTIFICATE-----
MIICfjCCAisCFD8Z6BNvSsL2flxrPx8ST3hEZcJfMAsGCWCGSAFlAwQDAjARMQ8w
DQYDVQQDDAZEU0FTUlYwHhcNMjYxMTIxMDE1NTA2WhcNMjYxMjIxMDE1NTA2WjAR
MQ8wDQYDVQQDDAZEU0FTUlYwggG+MIIBMwYHKoZIzjgEATCCASYCgYEA3CMvrl48
pHl+gW4sro9QJvGodhw7gZCfl0kPt4x2+V3RZY9pkXJdfZSn5M3Webm9A/zsjGLy
XWHcepmfglhLNKAhih20janwXI1Zmi3LqMz9HvMF67T6ccfyDExshWk4GTyQmS9/
C3UjtLs5BaWYY1y+iHndKX2AvxFP5mgjXLcCHQDn0ei/qGcXWmJzYVdWRYVq8W6l
Wb25mkCBBQaFAoGAbpmX+o8j3qOlV3wFEzYkEty4s4m9zwCAwHrvx/jnzgLgVBDY
plYRE961jSv29Rw/ZKNo9EkQSUvwD22bFa/hQt08d3Ak+aRdu3HLkFuYsOqu6mYq
o+tuP74nuZSoVL8B5omH7NMMcr1NfOi4WhghjeWsKl6GCXzhreZloAmhDEgDgYQA
AoGAAK4yF7InVQ7hkx7xos+nO19kpMq7+FICQPd8xwkhHGFYo1SHHbhSm3ryl83+
pxVbE68RuC1ZR9C9AziWRUHos5fMgQy05hrop+tO8L1DG2Oql9vpHyQn7TTD7o+c
SaWulWceal0b+5j+mgs2Au+yMTrJhRA0efXyIEBXAFUDFGswCwYJYIZIAWUDBAMC
A0AAMD0CHQC1MVu79XLNftflnz6V6zVx7n5qhAbF2DZoOCVPAhx5pg9I/4im/0mZ
H9ZoD25WDfLhBhGT1o6D1JuX
-----END CERTIFICATE-----
`,
    value: {
      version: 1,
      serialNumber: '3f19e8136f4ac2f67e5c6b3f1f124f784465c25f',
      subject: 'CN=DSASRV',
      issuer: 'CN=DSASRV',
      commonName: 'DSASRV',
      notBefore: '2026-11-21T01:55:06Z',
      notAfter: '2026-12-21T01:55:06Z',
      selfIssued: true,
      selfSigned: true,
      keyType: 'DSA',
      keyBits: 1024,
      curve: null,
      signatureAlgorithm: 'dsa_with_SHA256',
      subjectAltNames: [],
      keyUsages: [],
      extendedKeyUsages: [],
      basicConstraints: null,
      sha256: 'ced5fc94b17c1f94335d0525abc01a849828277d2178131b06c299c9f07e4c18',
      sha1: '992430b19169c51286fe61b7d44aba014ee2cd44',
      spkiSha256: 'c570269ed82732aaeed22d62b5d1d697958418fcc62e0dcde3a5f95b0617eb26',
      subjectPublicKeySha1: 'bdc03b5c9167f774293b4619116b738eca5c1071',
    },
  },
];
