import { Title } from '../parts/frame.tsx';

export default function SystemPage() {
  return <Title>System</Title>;
}
