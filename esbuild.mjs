// Bundles the extension host, the runner, the CLI, the worker threads and processes, the device probe and one bundle per webview into dist/.
// Native packages (and the ffmpeg core's wasm) stay in node_modules: they ship platform binaries of their own.
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** zod brings its messages in 50 languages, 400 kB that tree shaking cannot see are unused: every bundle is without them. */
const zodInEnglish = {
  name: 'zod-in-english',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
    }));
  },
};

const native = ['onnxruntime-node', '@duckdb/node-api', 'sharp', '@ffmpeg/core', '@ffmpeg/core/wasm'];
const common = {
  bundle: true,
  sourcemap: !production,
  minify: production,
  logLevel: 'warning',
  outdir: 'dist',
  plugins: [zodInEnglish],
};

/** @type {esbuild.BuildOptions[]} */
const builds = [
  {
    ...common,
    entryPoints: { extension: 'src/extension/extension.ts' },
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode'],
  },
  {
    ...common,
    entryPoints: {
      cli: 'src/cli/main.ts',
      runner: 'src/runner/main.ts',
      ffmpegCoreWorker: 'src/media/ffmpegCoreWorker.ts',
      imageProcess: 'src/media/imageProcess.ts',
      frameWorker: 'src/clips/frameWorker.ts',
      batchWorker: 'src/training/batchWorker.ts',
      deviceProbe: 'src/engine/deviceProbe.ts',
    },
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: native,
    // jsonc-parser's "main" is a UMD file whose parts esbuild cannot find.
    mainFields: ['module', 'main'],
    banner: { js: '#!/usr/bin/env node' },
  },
  {
    ...common,
    // One bundle per webview: webview/<name>/main.tsx becomes dist/webview/<name>.js and .css.
    outdir: 'dist/webview',
    entryPoints: Object.fromEntries(
      readdirSync('webview', { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(`webview/${entry.name}/main.tsx`))
        .map((entry) => [entry.name, `webview/${entry.name}/main.tsx`])
        // The worker of @ffmpeg/ffmpeg, which a page can only start from a blob.
        .concat([['ffmpeg/worker', 'node_modules/@ffmpeg/ffmpeg/dist/esm/worker.js']]),
    ),
    // A classic script has no import.meta; the converter passes absolute addresses anyway.
    define: { 'import.meta.url': 'document.baseURI' },
    platform: 'browser',
    target: 'es2023',
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.ttf': 'file' },
  },
];

const ready = builds.filter((build) => Object.values(build.entryPoints).some((file) => existsSync(file)));
for (const build of ready) {
  build.entryPoints = Object.fromEntries(Object.entries(build.entryPoints).filter(([, file]) => existsSync(file)));
}

mkdirSync('dist', { recursive: true });
if (watch) {
  for (const build of ready) await (await esbuild.context(build)).watch();
} else {
  await Promise.all(ready.map((build) => esbuild.build(build)));
}

// What the webview needs to convert files the editor cannot play: @ffmpeg/ffmpeg's worker and the single-threaded core.
const ffmpeg = 'dist/webview/ffmpeg';
mkdirSync(ffmpeg, { recursive: true });
cpSync('node_modules/@ffmpeg/core/dist/umd', ffmpeg, { recursive: true });

// The JSON schema of cover.json, from the zod schema: what the editor completes and checks by.
const { outputFiles } = await esbuild.build({
  stdin: { contents: "export * from './src/config/jsonSchema.ts'", resolveDir: '.' },
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
});
const { experimentsJsonSchema, workspaceJsonSchema } = await import(
  `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`
);
writeFileSync('dist/cover.schema.json', `${JSON.stringify(workspaceJsonSchema(), null, 2)}\n`);
writeFileSync('dist/experiments.schema.json', `${JSON.stringify(experimentsJsonSchema(), null, 2)}\n`);
