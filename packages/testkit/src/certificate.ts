import { generate } from 'selfsigned'

/** What a TLS server of `node:https` needs. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** Makes a certificate for 127.0.0.1 and localhost that only its own tests trust. */
export async function certificate(): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  })
  return { key, cert }
}
