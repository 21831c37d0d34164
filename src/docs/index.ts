export { docsPage } from './page.ts';
export { type Served, serveFolder } from './serve.ts';
