/* The JSON Schema of the host facts, in the keywords that json-schema.ts knows. */

const TEXT = { type: 'string' };
const MAYBE_TEXT = { type: ['string', 'null'] };
const MAYBE_INTEGER = { type: ['integer', 'null'] };
const INSTANT = {
  description: 'ISO 8601 UTC, as in 2026-01-31T12:00:00Z',
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,7})?Z$',
};
const THUMBPRINT = { description: 'small hex', type: 'string', pattern: '^[0-9a-f]*$' };
/** Longer lists were not made by the script. */
const MAX_ELEMENTS = 2000;

function object(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { type: 'object', required: Object.keys(properties), properties };
}

function list(items: unknown): Readonly<Record<string, unknown>> {
  return { type: 'array', maxItems: MAX_ELEMENTS, items };
}

function maybe(schema: unknown): Readonly<Record<string, unknown>> {
  return { anyOf: [schema, { type: 'null' }] };
}

export const HOST_FACTS_JSON_SCHEMA = object({
  schema: { const: 'rdp-probe.host-facts/1' },
  takenAt: INSTANT,
  computer: object({
    name: TEXT,
    dnsName: MAYBE_TEXT,
    addresses: list(TEXT),
    elevated: { type: 'boolean' },
    edition: MAYBE_TEXT,
    product: MAYBE_TEXT,
    build: MAYBE_TEXT,
    credSspVersion: MAYBE_TEXT,
  }),
  services: maybe(
    list(object({ name: TEXT, status: MAYBE_TEXT, start: MAYBE_INTEGER, account: MAYBE_TEXT })),
  ),
  remoteDesktop: maybe(
    object({ denied: MAYBE_INTEGER, deniedByPolicy: MAYBE_INTEGER, drainMode: MAYBE_INTEGER }),
  ),
  listener: maybe(
    object({
      port: MAYBE_INTEGER,
      enabled: MAYBE_INTEGER,
      logonDisabled: MAYBE_INTEGER,
      lanAdapter: MAYBE_INTEGER,
      securityLayer: MAYBE_INTEGER,
      userAuthentication: MAYBE_INTEGER,
      minEncryptionLevel: MAYBE_INTEGER,
      thumbprint: maybe(THUMBPRINT),
      policy: object({
        securityLayer: MAYBE_INTEGER,
        userAuthentication: MAYBE_INTEGER,
        minEncryptionLevel: MAYBE_INTEGER,
      }),
    }),
  ),
  port: maybe(
    object({
      number: { type: 'integer', minimum: 1, maximum: 65535 },
      listeners: list(
        object({
          address: TEXT,
          port: { type: 'integer', minimum: 0, maximum: 65535 },
          process: MAYBE_TEXT,
          services: list(TEXT),
        }),
      ),
    }),
  ),
  certificates: maybe(
    list(
      object({
        store: TEXT,
        thumbprint: THUMBPRINT,
        subject: TEXT,
        notBefore: INSTANT,
        notAfter: INSTANT,
        hasPrivateKey: { type: 'boolean' },
        key: maybe(
          object({
            error: MAYBE_TEXT,
            file: MAYBE_TEXT,
            access: maybe(
              list(object({ sid: TEXT, allow: { type: 'boolean' }, rights: { type: 'integer' } })),
            ),
          }),
        ),
      }),
    ),
  ),
  schannel: maybe(
    object({
      protocols: list(
        object({ name: TEXT, enabled: MAYBE_INTEGER, disabledByDefault: MAYBE_INTEGER }),
      ),
      fips: MAYBE_INTEGER,
      suitePolicy: { type: 'boolean' },
      suites: maybe(list(TEXT)),
    }),
  ),
  logon: maybe(
    object({
      encryptionOracle: MAYBE_INTEGER,
      restrictReceivingNtlm: MAYBE_INTEGER,
      lmCompatibilityLevel: MAYBE_INTEGER,
    }),
  ),
  domain: maybe(
    object({ joined: { type: 'boolean' }, secureChannel: { type: ['boolean', 'null'] } }),
  ),
  firewall: maybe(
    object({
      profiles: list(object({ name: TEXT, enabled: TEXT, inbound: TEXT, allowRules: TEXT })),
      networks: list(TEXT),
      rules: list(
        object({ name: TEXT, enabled: TEXT, profile: TEXT, action: TEXT, remote: list(TEXT) }),
      ),
    }),
  ),
  events: maybe(
    list(
      object({
        log: TEXT,
        provider: TEXT,
        id: { type: 'integer' },
        count: { type: 'integer', minimum: 1 },
        last: INSTANT,
        message: MAYBE_TEXT,
      }),
    ),
  ),
  updates: maybe(
    object({
      hotfixes: list(object({ id: TEXT, on: MAYBE_TEXT })),
      restartPending: { type: 'boolean' },
    }),
  ),
  wmi: maybe(object({ verify: MAYBE_INTEGER, thumbprint: MAYBE_TEXT, error: MAYBE_TEXT })),
  problems: list(object({ block: TEXT, says: TEXT })),
});
