export function transpile(path: string): string;
