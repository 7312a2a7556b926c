/** A database for peers in the embedded cluster, whose superuser alone creates databases. */
import { connectTo } from '../../db/client.ts';
import { resolveHome } from '../../infra/home.ts';
import { readPassword, SUPERUSER } from '../../infra/postgres/passwords.ts';

const NAME = 'peers';

/** Creates the database, and returns its address for SQLAlchemy; `url` is any of the cluster. */
export async function createPeersDatabase(home: string, url: string): Promise<string> {
  const address = new URL(url);
  address.username = SUPERUSER;
  address.password = readPassword(resolveHome(home), 'superuser');
  const sql = connectTo(address.href, 1);
  try {
    await sql.unsafe(`create database ${NAME}`);
  } finally {
    await sql.end();
  }
  address.pathname = `/${NAME}`;
  return address.href.replace(/^postgres(ql)?:/, 'postgresql+psycopg:');
}
