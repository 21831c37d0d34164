/** Where a server is, and how to be rid of it. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  stop(): Promise<void>;
}

export function freePort(): Promise<number>;
export function giveToServer(file: string): void;
export function startOwnServer(flags: readonly string[]): Promise<Server | { readonly reason: string }>;
export function startServer(flags?: readonly string[]): Promise<Server | { readonly reason: string }>;
