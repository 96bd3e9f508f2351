import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

import { expectTypeOf, it } from 'vitest'

import { nodeExchange } from './node-exchange.ts'
import { NodeGate } from './node-gate.ts'
import type { NodeRequest, NodeResponse } from './node-types.ts'

// The compiler proves these. Frameworks' own types are proved in the packages that depend on them.
it('takes the objects of node:http and of the compatibility layer of node:http2', () => {
  expectTypeOf<IncomingMessage>().toExtend<NodeRequest>()
  expectTypeOf<ServerResponse>().toExtend<NodeResponse>()
  expectTypeOf<ServerResponse<IncomingMessage>>().toExtend<NodeResponse>()
  expectTypeOf<Http2ServerRequest>().toExtend<NodeRequest>()
  expectTypeOf<Http2ServerResponse>().toExtend<NodeResponse>()
  expectTypeOf(nodeExchange).toBeCallableWith({} as IncomingMessage, {} as ServerResponse)
  expectTypeOf(NodeGate).toBeConstructibleWith({} as ServerResponse, { finish: () => undefined, fail: () => undefined })
  expectTypeOf<object>().not.toExtend<NodeResponse>()
})
