/** Names clients coarsely, for lists of a user's sessions. Apart from the engine, so that who does not want it loads nothing of it. */
export { describeAgent } from './describe-agent.ts'
