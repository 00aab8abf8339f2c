/** The settings that services need; an injection token. */
export class HubSettings {
  constructor(
    /** Where parts of uploads wait until their message is whole. */
    readonly uploadFolder: string,
    readonly isProduction: boolean,
    readonly webFolder: string | null = null,
  ) {}
}
