export type { Artifacts } from './data/artifacts.ts';
export { withCompiled } from './data/compiled.ts';
export { type SiteSettings, siteData } from './data/site.ts';
export type { IndexFile } from './data/types.ts';
export { type Served, serveFolder } from './serve.ts';
export { singleFile } from './single.ts';
