/** The first that fits counts: most browsers also call themselves by the names of others. */
const PROGRAMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]
const SYSTEMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** Names a program coarsely, such as `Firefox on Linux`: enough to know one's devices by, too little to track anybody. */
export function describeAgent(userAgent: string): string | undefined {
  const [program, system] = [PROGRAMS, SYSTEMS].map((names) => names.find(([pattern]) => pattern.test(userAgent))?.[1])
  if (program === undefined) return system
  return system === undefined ? program : `${program} on ${system}`
}
