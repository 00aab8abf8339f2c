import { Module } from '@nestjs/common';

import { StoresModule } from '../stores.module.js';
import { LockResolver } from './lock.resolver.js';

/** Locked models, as fields of their studies. */
@Module({ imports: [StoresModule], providers: [LockResolver] })
export class ModelsModule {}
