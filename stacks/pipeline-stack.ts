import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { LocalBackend, S3Backend, type TerraformBackend, TerraformOutput, type TerraformRemoteState, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { CurrentEnvironment } from './current-environment';
import { Names, type StackName } from './names';
import type { Settings } from './settings';

/** What every stack has: the provider with its tags, the state backend, and the names. */
export class PipelineStack extends TerraformStack {
  protected readonly names: Names;
  protected readonly environment: CurrentEnvironment;
  private readonly backend: TerraformBackend;

  constructor(
    scope: Construct,
    readonly stackName: StackName,
    protected readonly settings: Settings,
  ) {
    super(scope, stackName);
    this.names = new Names(settings.namePrefix);
    new AwsProvider(this, 'aws', {
      region: settings.region,
      defaultTags: [{ tags: { Application: settings.namePrefix, Stack: stackName, ManagedBy: 'cdktf' } }],
    });
    this.backend = this.makeBackend();
    this.environment = new CurrentEnvironment(this, 'environment', settings.region);
  }

  /** Outputs a value for other stacks, and for those who read the deployment's outputs. */
  protected output(name: string, value: unknown, description: string): void {
    new TerraformOutput(this, name, { value, description });
  }

  /** The remote outputs of another stack; this stack is then deployed after it. */
  protected remoteOutputsOf(stack: PipelineStack): TerraformRemoteState {
    this.addDependency(stack);
    return stack.backend.getRemoteStateDataSource(this, stack.stackName, stack.stackName);
  }

  private makeBackend(): TerraformBackend {
    const { stateBucket, stateDirectory, region } = this.settings;
    if (!stateBucket) {
      // Terraform runs in cdktf.out/stacks/NAME: a relative path does not depend on where the checkout lies.
      const directory = stateDirectory.startsWith('/') ? stateDirectory : `../../../${stateDirectory}`;
      return new LocalBackend(this, { path: `${directory}/${this.stackName}.tfstate` });
    }
    const backend = new S3Backend(this, { bucket: stateBucket, key: `${this.settings.namePrefix}/${this.stackName}.tfstate`, region, encrypt: true });
    // The typed properties of cdktf 0.21 know only the DynamoDB lock, which Terraform has deprecated.
    backend.addOverride('use_lockfile', true);
    return backend;
  }
}
