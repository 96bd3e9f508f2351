import type { FieldsSize } from '../../contenders/session-fields.ts'
import { loginOf } from '../scenarios.ts'
import { Client } from './client.ts'

const CLIENTS = 32

/** Signs in that many new users. Answers the cookies of each. */
export async function signIn(port: number, count: number, size: FieldsSize): Promise<string[]> {
  const cookies: string[] = []
  let begun = 0
  const work = async (): Promise<void> => {
    const client = await Client.connect(port)
    while (begun++ < count) {
      client.forget()
      const { method, path } = loginOf(size)
      await client.send(method, path)
      if (client.cookie === undefined) throw new Error('A login gave no cookie.')
      cookies.push(client.cookie)
    }
    client.close()
  }
  await Promise.all(Array.from({ length: Math.min(CLIENTS, count) }, work))
  return cookies
}
