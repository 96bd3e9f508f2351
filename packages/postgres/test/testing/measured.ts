/** Shows what a test has measured, for docs/postgres.md. */
export function measured(what: string, figures: object | string): void {
  process.stdout.write(`measured: ${what}: ${typeof figures === 'string' ? figures : JSON.stringify(figures)}\n`)
}
