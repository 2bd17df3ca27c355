import { describe, it } from 'vitest';
import { openMemoryStore } from '../../src/catalog/memory-store.js';
import { storeContract } from '../../src/testing/store-contract.js';

storeContract({ describe, it }, () => openMemoryStore());
