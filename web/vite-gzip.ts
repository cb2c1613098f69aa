// Leaves NAME.gz beside each file of text: the server sends it as it is.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const smallestBytes = 2048;
const compresses = /\.(js|css|svg)$/;

export function gzip(): Plugin {
  return {
    name: 'cofre-gzip',
    apply: 'build',
    // What is written is final; other plugins still change it before.
    writeBundle(options, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        const content = file.type === 'chunk' ? file.code : file.source;
        if (!compresses.test(name) || content.length < smallestBytes) continue;
        writeFileSync(join(options.dir ?? 'dist', `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}
