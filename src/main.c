/* git-mlv: the local program. */
int main(void)
{
	return 0;
}
