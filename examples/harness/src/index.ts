/** What the examples share with their tests: a program in a child process, and a browser of a few lines. */
export { createBrowser, type Browser, type RequestTerms } from './browser.ts'
export { startProgram, type Program } from './program.ts'
