// What a job of the editor's is made of, in one bundle over the stand-in: errors are known by their class.
export { Messages } from '../../src/extension/messages.ts';
export { notifiedJob } from '../../src/extension/notifiedJob.ts';
export { Runners } from '../../src/extension/runners.ts';
