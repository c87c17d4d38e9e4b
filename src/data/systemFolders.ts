// Folders in which nobody keeps datasets, however many files they hold: views of the running system, and what programs were installed
// into. Searching them takes minutes, and reading some of their files never ends.
import { statfs } from 'node:fs/promises';

/** Linux's numbers of file systems that hold no files of anybody (linux/magic.h); only there do they mean this. */
const systemTypes = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x1cd1, // devpts
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0xcafe4a11, // bpf
  0x6165676c, // pstore
  0x62656570, // configfs
  0xde5e81e4, // efivarfs
  0xf97cff8c, // selinux
  0x42494e4d, // binfmt_misc
  0x19800202, // mqueue
  0x6e736673, // nsfs
  0x65735543, // fusectl
]);

/** Whether a folder shows the running system, as /proc and /sys do. */
export async function isSystemView(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return statfs(folder).then(
    ({ type }) => systemTypes.has(type),
    () => false,
  );
}

const installed = new Set([
  'site-packages',
  'dist-packages',
  'lost+found',
  '$RECYCLE.BIN',
  'System Volume Information',
]);

/** Whether a folder, by its name and its files' names, was filled by a package manager or the system. */
export function isInstalled(name: string, files: readonly string[]): boolean {
  return installed.has(name) || files.includes('pyvenv.cfg');
}
