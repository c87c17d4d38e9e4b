// Imported before everything else: zod would try to compile its checks with `new Function`, which the page's policy
// forbids and reports. It decides when the first schema is made, so this has to come before the protocol's.
import { z } from 'zod';

z.config({ jitless: true });
