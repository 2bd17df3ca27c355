import { describe, it } from 'vitest';
import { openDirectoryStore } from '../../src/catalog/directory-store.js';
import { storeContract } from '../../src/testing/store-contract.js';
import { aFolder } from './fixtures.js';

storeContract({ describe, it }, () => openDirectoryStore(aFolder()));
