import { Title } from '../parts/frame.tsx';

export default function SignInPage() {
  return <Title>SignIn</Title>;
}
