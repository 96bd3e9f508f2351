console.error('There are no benchmarks yet.')
process.exitCode = 1
