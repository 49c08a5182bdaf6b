// Writes the project as it is uploaded. HubSpot builds each folder of cards and pages by itself, and what they import from
// outside is not found there: so what they share is put into each of them.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));

/** Where the project lies, ready for `hs project upload`. */
export const PROJECT = join(here, '../../target/hubspot-app/project');

/** Folders that HubSpot builds. */
const BUILT = ['cards', 'settings', 'pages'];
const SHARED = '@sync300/shared';

/** Writes it anew. */
export function writeProject() {
  const source = (path) => !/(node_modules|package-lock\.json|\/shared)($|\/)/.test(path.slice(here.length));
  rmSync(PROJECT, { recursive: true, force: true });
  mkdirSync(PROJECT, { recursive: true });
  cpSync(join(here, 'hsproject.json'), join(PROJECT, 'hsproject.json'));
  cpSync(join(here, 'src'), join(PROJECT, 'src'), { recursive: true, filter: source });
  for (const name of BUILT) {
    const folder = join(PROJECT, 'src/app', name);
    for (const file of readdirSync(folder).filter((file) => /\.tsx?$/.test(file))) {
      rewrite(join(folder, file), (text) => text.replaceAll(`'${SHARED}'`, "'./shared'"));
    }
    rewrite(join(folder, 'package.json'), (text) => {
      const { dependencies, ...rest } = JSON.parse(text);
      const own = Object.entries(dependencies).filter(([name]) => name !== SHARED);
      return `${JSON.stringify({ ...rest, dependencies: Object.fromEntries(own) }, null, 2)}\n`;
    });
    const shared = join(here, 'src/app/shared');
    for (const file of readdirSync(shared).filter((file) => /\.tsx?$/.test(file))) {
      mkdirSync(join(folder, 'shared'), { recursive: true });
      cpSync(join(shared, file), join(folder, 'shared', file));
    }
  }
}

function rewrite(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeProject();
  console.log(`The project is ready. Go to ${PROJECT}, and: hs project upload --profile …`);
}
