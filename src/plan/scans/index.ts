export { type Asked, type Nothing, type Scanned, scan } from './scan.ts';
export { type Shape, shapeOf } from './shapes.ts';
