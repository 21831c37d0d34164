import { entry } from './entry.ts';

/** Other projects whose models this one refers to: `projects:` in dependencies.yml. */
export const projects = {
  'projects-list': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => `\`projects\` cannot be understood: ${p.problem}`,
    hint: () => 'a project is such as `{name: finance, manifest: ../finance/target/manifest.json}`',
    explanation:
      'dependencies.yml lists under `projects:` the projects whose public models this one may refer to, each with its `name` and, as `manifest`, a file or an ' +
      'address that holds its manifest.json.',
  }),
  'projects-manifest': entry<{ name: string; manifest: string; problem: string }>({
    severity: 'error',
    message: (p) => `the manifest of the project \`${p.name}\` cannot be used: ${p.problem} (${p.manifest})`,
    explanation:
      'The models of another project are known from the manifest.json that its runs write into its target folder. It must be of that project, and of a version ' +
      'between 9 (dbt 1.5) and 12.',
  }),
  'projects-manifest-kept': entry<{ name: string; manifest: string }>({
    severity: 'warning',
    message: (p) => `the manifest of the project \`${p.name}\` could not be fetched: its last copy is used (${p.manifest})`,
    hint: () => 'what the project has changed since then is not seen',
    explanation:
      'A manifest at an address is asked for by every command that reads the project, and kept. Where no answer comes, what was fetched last stands in for it.',
  }),
  'ref-not-public': entry<{ name: string; node: string; project: string; is: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` refers to \`${p.name}\` of the project \`${p.project}\`, which is ${p.is}`,
    hint: (p) =>
      p.near === undefined ? `a project shares its public models only: \`${p.project}\` must set \`access: public\` for it` : `did you mean \`${p.near}\`?`,
    explanation: 'Of the projects that dependencies.yml lists, only tables and views with `access: public` can be referred to.',
  }),
};
