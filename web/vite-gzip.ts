// Leaves NAME.gz beside each file that is smaller so: the server sends it as it is.

import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const smallestBytes = 2048;
const compresses = /\.(js|css|svg)$/;

export function gzip(): Plugin {
  return {
    name: 'cofre-gzip',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        const content = file.type === 'chunk' ? file.code : file.source;
        if (!compresses.test(name) || content.length < smallestBytes) continue;
        this.emitFile({ type: 'asset', fileName: `${name}.gz`, source: gzipSync(content, { level: 9 }) });
      }
    },
  };
}
