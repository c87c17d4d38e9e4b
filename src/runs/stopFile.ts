// The name of the file that asks a run's trainer to stop (stopRun.ts); whoever takes a run over removes it first.

export const stopFileName = 'stop';
