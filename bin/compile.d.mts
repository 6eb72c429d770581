/** Compiles our programs where their source has changed; gives the folder they are in. */
export function compilePrograms(): Promise<string>

/** Compiles programs and threads, and whatever else is to stand beside them. */
export function compile(folder: string, others?: string[]): Promise<void>
